import { readdirSync } from "node:fs";

/*
 * A UDP socket with IP_RECVERR reports an ICMP error, caused by any one peer, on its next send to any
 * other. The runtime's QUIC sets the option and takes the error for a full socket: it stops sending to
 * everybody, for up to a second each time. A few clients that vanish without a word would so stop a server.
 * There is no way to ask for the socket without the option, so it is switched off once the socket is bound.
 */
const IPPROTO_IP = 0;
const IPPROTO_IPV6 = 41;
const IP_RECVERR = 11;
const IPV6_RECVERR = 25;
const SOL_SOCKET = 1;
const SO_TYPE = 3;
const SOCK_DGRAM = 2;

/**
 * Stops the UDP sockets of this process that are bound to `port` from reporting ICMP errors.
 * @returns whether that is so now; other systems than Linux report none to begin with
 */
export async function ignoreUdpErrors(port: number): Promise<boolean> {
  if (process.platform !== "linux") return true;
  const libc = await openLibc();
  if (libc === undefined) return false;
  try {
    let found = false;
    for (const name of readdirSync("/proc/self/fd")) {
      const fd = Number(name);
      if (libc.boundPort(fd) !== port) continue;
      const off = libc.clear(fd, IPPROTO_IP, IP_RECVERR);
      const off6 = libc.clear(fd, IPPROTO_IPV6, IPV6_RECVERR);
      found ||= off || off6;
    }
    return found;
  } finally {
    libc.close();
  }
}

interface Libc {
  /** The port of a UDP socket; -1 for any other descriptor. */
  boundPort(fd: number): number;
  /** Switches an option off. @returns whether the socket has it */
  clear(fd: number, level: number, option: number): boolean;
  close(): void;
}

async function openLibc(): Promise<Libc | undefined> {
  const { dlopen, ptr } = await import("bun:ffi");
  const symbols = {
    setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
    getsockopt: { args: ["i32", "i32", "i32", "ptr", "ptr"], returns: "i32" },
    getsockname: { args: ["i32", "ptr", "ptr"], returns: "i32" },
  } as const;
  const arch = process.arch === "arm64" ? "aarch64" : "x86_64";
  for (const file of ["libc.so.6", `libc.musl-${arch}.so.1`]) {
    try {
      const { symbols: c, close } = dlopen(file, symbols);
      const value = new Int32Array(1);
      const length = new Uint32Array(1);
      const address = new Uint8Array(128);
      return {
        boundPort(fd) {
          length[0] = 4;
          if (c.getsockopt(fd, SOL_SOCKET, SO_TYPE, ptr(value), ptr(length)) !== 0) return -1;
          if (value[0] !== SOCK_DGRAM) return -1;
          length[0] = address.byteLength;
          if (c.getsockname(fd, ptr(address), ptr(length)) !== 0) return -1;
          // The port follows the family, in network order, in sockaddr_in and sockaddr_in6 alike.
          return ((address[2] as number) << 8) | (address[3] as number);
        },
        clear(fd, level, option) {
          value[0] = 0;
          return c.setsockopt(fd, level, option, ptr(value), 4) === 0;
        },
        close,
      };
    } catch {
      // The other C library, then.
    }
  }
  return undefined;
}
