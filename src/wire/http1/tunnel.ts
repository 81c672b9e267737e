import type { Duplex } from "../duplex.ts";
import type { Socket } from "../../runtime/socket.ts";

/** A connection after a takeover: bytes both ways until either side has had enough. */
export class Tunnel implements Duplex {
  readonly #socket: Socket;
  #queue: Uint8Array[];
  #ended = false;
  #closed = false;
  #error: unknown;
  #blocked = false;
  #reader: PromiseWithResolvers<Uint8Array | null> | undefined;
  #writer: PromiseWithResolvers<void> | undefined;

  #draining: boolean;
  #onDrain: (() => void) | undefined;

  /**
   * @param first what the peer sent behind the head already
   * @param draining whether the server goes down already
   */
  constructor(socket: Socket, first: Uint8Array | undefined, draining: boolean) {
    this.#socket = socket;
    this.#draining = draining;
    this.#queue = first === undefined || first.byteLength === 0 ? [] : [first];
  }

  pull(): Uint8Array | null | Promise<Uint8Array | null> {
    const next = this.#queue.shift();
    if (next !== undefined) {
      if (this.#queue.length === 0 && !this.#ended) this.#socket.resume();
      return next;
    }
    if (this.#error !== undefined) throw this.#error;
    if (this.#ended || this.#closed) return null;
    this.#reader = Promise.withResolvers();
    this.#socket.resume();
    return this.#reader.promise;
  }

  write(bytes: Uint8Array | string): boolean {
    if (this.#closed) return false;
    const encoded = typeof bytes === "string" ? encoder.encode(bytes) : bytes;
    if (this.#socket.write(encoded)) return true;
    this.#blocked = true;
    return false;
  }

  drained(): Promise<void> {
    if (this.#closed) {
      return Promise.reject(this.#error ?? new Error("the connection is closed"));
    }
    if (!this.#blocked) return Promise.resolve();
    this.#writer ??= Promise.withResolvers();
    return this.#writer.promise;
  }

  end(): void {
    // Once both sides have ended the socket closes by itself. To destroy it would take back what the peer has
    // not read yet.
    this.#socket.endWrite();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  onDrain(listener: () => void): void {
    if (this.#draining) queueMicrotask(listener);
    else this.#onDrain = listener;
  }

  /** The server goes down. */
  serverDrains(): void {
    this.#draining = true;
    this.#onDrain?.();
    this.#onDrain = undefined;
  }

  data(chunk: Uint8Array): void {
    if (this.#reader !== undefined) {
      const reader = this.#reader;
      this.#reader = undefined;
      reader.resolve(chunk);
      return;
    }
    this.#queue.push(chunk);
    this.#socket.pause();
  }

  /** The peer's FIN; the handler decides when to end our side. */
  peerEnded(): void {
    this.#ended = true;
    this.#reader?.resolve(null);
    this.#reader = undefined;
  }

  drain(): void {
    this.#blocked = false;
    this.#writer?.resolve();
    this.#writer = undefined;
  }

  close(error?: Error): void {
    this.#closed = true;
    this.#error ??= this.#ended
      ? undefined
      : (error ?? new Error("the peer closed the connection"));
    if (this.#error === undefined) this.#reader?.resolve(null);
    else this.#reader?.reject(this.#error);
    this.#reader = undefined;
    // A writer that nobody awaits must not become an unhandled rejection.
    this.#writer?.promise.catch(() => {});
    this.#writer?.reject(this.#error ?? new Error("the connection is closed"));
    this.#writer = undefined;
  }
}

const encoder = new TextEncoder();
