import { Duplex } from "node:stream";
import type { Socket } from "./socket.ts";

/** Our {@link Socket} as a stream of the runtime, for what wants one: its HTTP/2 server. */
export class SocketStream extends Duplex {
  readonly #socket: Socket;
  #flushed: (() => void) | undefined;

  /** @param first what was read from the socket already */
  constructor(socket: Socket, first: Uint8Array | undefined) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    socket.handler = {
      data: (chunk) => this.#received(chunk),
      end: () => void this.push(null),
      drain: () => this.#drained(),
      close: (error) => void this.destroy(error),
    };
    if (first !== undefined) this.#received(first);
  }

  get remoteAddress(): string {
    return this.#socket.remoteAddress;
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error) => void): void {
    if (this.#socket.write(chunk)) done();
    else this.#flushed = done;
  }

  override _final(done: () => void): void {
    this.#socket.endWrite();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    this.#drained();
    done(error);
  }

  #received(chunk: Uint8Array): void {
    if (!this.push(chunk)) this.#socket.pause();
  }

  #drained(): void {
    const flushed = this.#flushed;
    this.#flushed = undefined;
    flushed?.();
  }
}
