import type { Socket as NativeSocket } from "node:net";
import type { Socket, SocketHandler } from "./socket.ts";
import type { ConnectionEnds } from "./tls-socket.ts";

/**
 * Reads what comes before the handshake of a TLS connection, such as a PROXY header.
 * @param socket only to be read from, or destroyed
 * @param ready called once with whom the connection is for, and with what came behind
 */
export type Before = (
  socket: Socket,
  ready: (ends: ConnectionEnds, rest: Uint8Array) => void,
) => void;

/** Connections that are for others than their peers, by their peers. */
export class Preceded {
  readonly #before: Before;
  readonly #ends = new Map<string, ConnectionEnds>();

  constructor(before: Before) {
    this.#before = before;
  }

  /** Whom a connection is for: what was read before it, else its peer. */
  endsOf(native: ConnectionEnds): ConnectionEnds {
    return this.#ends.get(keyOf(native)) ?? native;
  }

  /** Reads what comes before, and hands the connection on as if there had been nothing. */
  accept(native: NativeSocket, next: (native: NativeSocket) => void): void {
    const socket = new ReadOnlySocket(native);
    this.#before(socket, (ends, rest) => {
      socket.release();
      const key = keyOf(native);
      this.#ends.set(key, ends);
      native.once("close", () => this.#ends.delete(key));
      native.pause();
      if (rest.byteLength > 0) native.unshift(rest);
      next(native);
    });
  }
}

function keyOf({ remoteAddress, remotePort }: ConnectionEnds): string {
  return `${remoteAddress} ${remotePort}`;
}

/** As much of a `node:net` socket as reading a header takes. */
class ReadOnlySocket implements Socket {
  handler: SocketHandler = { data() {}, end() {}, drain() {}, close() {} };
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly pendingBytes = 0;
  readonly #native: NativeSocket;
  readonly #onData = (chunk: Uint8Array): void => this.handler.data(chunk);
  readonly #onEnd = (): void => this.handler.end();
  readonly #onClose = (): void => this.handler.close();

  constructor(native: NativeSocket) {
    this.#native = native;
    this.remoteAddress = native.remoteAddress ?? "";
    this.remotePort = native.remotePort ?? 0;
    this.localAddress = native.localAddress ?? "";
    this.localPort = native.localPort ?? 0;
    native.on("error", () => {});
    native.on("data", this.#onData);
    native.on("end", this.#onEnd);
    native.on("close", this.#onClose);
  }

  /** Listens no more. */
  release(): void {
    this.#native.off("data", this.#onData);
    this.#native.off("end", this.#onEnd);
    this.#native.off("close", this.#onClose);
  }

  write(): boolean {
    return false;
  }
  endWrite(): void {}
  destroy(): void {
    this.#native.destroy();
  }
  pause(): void {
    this.#native.pause();
  }
  resume(): void {
    this.#native.resume();
  }
}
