import type { ServerHttp2Stream } from "node:http2";
import type { Duplex } from "../../../core/duplex.ts";

const CANCEL = 8;

/** A stream after CONNECT: bytes both ways until either side has had enough. */
export class StreamTunnel implements Duplex {
  readonly #stream: ServerHttp2Stream;
  #queue: Uint8Array[] = [];
  #ended = false;
  #error: unknown;
  #reader: PromiseWithResolvers<Uint8Array | null> | undefined;
  #writer: PromiseWithResolvers<void> | undefined;

  constructor(stream: ServerHttp2Stream) {
    this.#stream = stream;
    stream.on("data", (chunk: Uint8Array) => this.#receive(chunk));
    stream.on("end", () => this.#end());
    stream.on("drain", () => this.#drained());
    stream.on("close", () => this.#close());
    stream.pause();
  }

  pull(): Uint8Array | null | Promise<Uint8Array | null> {
    const next = this.#queue.shift();
    if (next !== undefined) return next;
    if (this.#error !== undefined) throw this.#error;
    if (this.#ended) return null;
    this.#reader = Promise.withResolvers();
    this.#stream.resume();
    return this.#reader.promise;
  }

  write(bytes: Uint8Array | string): boolean {
    return !this.#stream.destroyed && this.#stream.write(bytes);
  }

  drained(): Promise<void> {
    if (this.#stream.destroyed) return Promise.reject(new Error("the stream is closed"));
    if (!this.#stream.writableNeedDrain) return Promise.resolve();
    this.#writer ??= Promise.withResolvers();
    return this.#writer.promise;
  }

  end(): void {
    this.#stream.end();
  }

  destroy(): void {
    this.#stream.close(CANCEL);
  }

  #receive(chunk: Uint8Array): void {
    const reader = this.#reader;
    this.#reader = undefined;
    if (reader === undefined) this.#queue.push(chunk);
    else reader.resolve(chunk);
    this.#stream.pause();
  }

  #end(): void {
    this.#ended = true;
    this.#reader?.resolve(null);
    this.#reader = undefined;
  }

  #drained(): void {
    this.#writer?.resolve();
    this.#writer = undefined;
  }

  #close(): void {
    if (!this.#ended) this.#error = new Error("the client closed the stream");
    if (this.#error === undefined) this.#reader?.resolve(null);
    else this.#reader?.reject(this.#error);
    this.#reader = undefined;
    // A writer that nobody awaits must not become an unhandled rejection.
    this.#writer?.promise.catch(() => {});
    this.#writer?.reject(this.#error ?? new Error("the stream is closed"));
    this.#writer = undefined;
  }
}
