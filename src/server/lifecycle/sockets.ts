import { duplicate } from "../../runtime/libc.ts";
import type { BoundSocket } from "./bound-socket.ts";
import { bindSocket, releaseSocket } from "./bound-socket.ts";

/** What a socket is for. */
export type SocketName = "server" | "redirect" | "admin" | "stream";

/** Where a configuration wants a socket. */
export interface SocketAddress {
  readonly name: SocketName;
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/** A socket as it is handed to another process. */
export interface SocketHandle extends SocketAddress {
  readonly fd: number;
  /** The port it is bound to. */
  readonly bound: number;
}

export interface SocketOptions {
  /** Sockets that a supervisor bound; others are never bound here. */
  readonly handles?: readonly SocketHandle[];
  /** Descriptors that the service manager opened; they stand for the name whatever the address. */
  readonly activated?: ReadonlyMap<SocketName, number>;
}

/**
 * The listening sockets of this process, kept apart from the servers that accept from them: a reload or a new
 * worker takes over a socket that never stops listening, so no connection is refused in between.
 */
export class Sockets {
  readonly #open = new Map<string, BoundSocket>();
  readonly #activated: ReadonlyMap<SocketName, number>;
  readonly #inherits: boolean;

  constructor({ handles, activated = new Map() }: SocketOptions = {}) {
    this.#inherits = handles !== undefined;
    this.#activated = activated;
    for (const handle of handles ?? []) {
      this.#open.set(keyOf(handle), { fd: handle.fd, port: handle.bound });
    }
  }

  /** Whether every address has its socket already. */
  has(addresses: readonly SocketAddress[]): boolean {
    return addresses.every((address) => this.#find(address) !== undefined);
  }

  /**
   * Binds what is not bound yet: all of it, or nothing.
   * @throws an error with a `code` such as EADDRINUSE, and the `host` and `port` it is about
   */
  bind(addresses: readonly SocketAddress[]): void {
    const bound: string[] = [];
    try {
      for (const address of addresses) {
        if (this.#find(address) !== undefined) continue;
        if (this.#inherits)
          throw new Error(`this worker was not given a socket for ${address.name}`);
        this.#open.set(keyOf(address), bindSocket(address.host, address.port));
        bound.push(keyOf(address));
      }
    } catch (error) {
      for (const key of bound) this.#release(key);
      throw error;
    }
  }

  /** A descriptor of its own for one server, which will close it. The address must be bound. */
  open(address: SocketAddress): BoundSocket {
    const { fd, port } = this.#get(address);
    return { fd: duplicate(fd), port };
  }

  /** What another process is to be given. */
  handle(address: SocketAddress): SocketHandle {
    const { fd, port } = this.#get(address);
    return { name: address.name, host: address.host, port: address.port, fd, bound: port };
  }

  /** Gives back to the system what is in none of the addresses. */
  keepOnly(addresses: readonly SocketAddress[]): void {
    const kept = new Set(addresses.map(keyOf));
    for (const key of this.#open.keys()) if (!kept.has(key)) this.#release(key);
  }

  #find(address: SocketAddress): BoundSocket | undefined {
    const fd = this.#activated.get(address.name);
    return fd === undefined ? this.#open.get(keyOf(address)) : { fd, port: address.port };
  }

  #get(address: SocketAddress): BoundSocket {
    const socket = this.#find(address);
    if (socket === undefined) throw new Error(`no socket is bound for ${keyOf(address)}`);
    return socket;
  }

  #release(key: string): void {
    const socket = this.#open.get(key);
    if (socket !== undefined) releaseSocket(socket);
    this.#open.delete(key);
  }
}

function keyOf({ name, host, port }: SocketAddress): string {
  return `${name} ${host}:${port}`;
}
