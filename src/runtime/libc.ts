import { dlopen, ptr } from "bun:ffi";

const SYMBOLS = {
  dup: { args: ["int"], returns: "int" },
  close: { args: ["int"], returns: "int" },
  socket: { args: ["int", "int", "int"], returns: "int" },
  poll: { args: ["ptr", "u64", "int"], returns: "int" },
  sendto: { args: ["int", "ptr", "u64", "int", "ptr", "u32"], returns: "i64" },
} as const;

/** glibc, musl by architecture, macOS. */
const NAMES = [
  "libc.so.6",
  `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`,
  "libSystem.B.dylib",
];

type Libc = ReturnType<typeof dlopen<typeof SYMBOLS>>["symbols"];
let loaded: Libc | undefined;

/** The C library, for the few calls the runtime does not offer. @throws where there is none that is known */
function libc(): Libc {
  if (loaded !== undefined) return loaded;
  let failure: unknown;
  for (const name of NAMES) {
    try {
      return (loaded = dlopen(name, SYMBOLS).symbols);
    } catch (error) {
      failure = error;
    }
  }
  throw new Error("the system's C library cannot be loaded", { cause: failure });
}

/** A second descriptor for what `fd` is open to. @throws when the system has none left */
export function duplicate(fd: number): number {
  const copy = libc().dup(fd);
  if (copy < 0) {
    throw Object.assign(new Error(`descriptor ${fd} cannot be duplicated`), { code: "EMFILE" });
  }
  return copy;
}

/** Closes a descriptor that nothing in the runtime owns. */
export function closeDescriptor(fd: number): void {
  libc().close(fd);
}

const POLLOUT = 4;

/** Waits until a descriptor takes bytes, up to 4096 of them if it is a pipe. @returns whether it does */
export function waitWritable(fd: number, milliseconds: number): boolean {
  // struct pollfd: int fd, short events, short revents.
  const asked = new Int16Array(4);
  new Int32Array(asked.buffer)[0] = fd;
  asked[2] = POLLOUT;
  return libc().poll(ptr(asked), 1, milliseconds) === 1;
}

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
/** Linux: never wait for a receiver. */
const MSG_DONTWAIT = 0x40;

/**
 * Sends one datagram to a Unix socket; a name that begins with `@` is in the abstract namespace.
 * @returns whether it was taken
 */
export function sendUnixDatagram(path: string, text: string): boolean {
  const name = new TextEncoder().encode(path);
  // sun_path of struct sockaddr_un.
  if (name.length === 0 || name.length > 107) return false;
  const abstract = name[0] === 0x40;
  const address = new Uint8Array(2 + name.length + (abstract ? 0 : 1));
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(name, 2);
  if (abstract) address[2] = 0;
  const bytes = new TextEncoder().encode(text);
  const { socket, sendto, close } = libc();
  const fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  if (fd < 0) return false;
  const sent = sendto(fd, ptr(bytes), bytes.length, MSG_DONTWAIT, ptr(address), address.length);
  close(fd);
  return Number(sent) === bytes.length;
}
