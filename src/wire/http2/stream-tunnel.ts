import type { Duplex } from "../duplex.ts";
import type { Source } from "../source.ts";

/** What a tunnel asks of its stream. */
export interface TunnelPort {
  pull(): Uint8Array | null | Promise<Uint8Array | null>;
  reset(reason: unknown): void;
}

/** How much may wait to be sent before the writer is asked to wait. */
const HIGH_WATER_BYTES = 64 * 1024;

/** A stream after CONNECT (RFC 9113 8.5, RFC 8441): its DATA is the other protocol's bytes. */
export class StreamTunnel implements Duplex, Source {
  readonly size = undefined;
  readonly #port: TunnelPort;
  #queue: Uint8Array[] = [];
  #queued = 0;
  #ended = false;
  #error: unknown;
  #sending: PromiseWithResolvers<Uint8Array | null> | undefined;
  #writer: PromiseWithResolvers<void> | undefined;
  #onDrain: (() => void) | undefined;

  constructor(port: TunnelPort) {
    this.#port = port;
  }

  /** The duplex as its user sees it; `pull` here is the user's, while the stream pulls what is to be sent. */
  readonly duplex: Duplex = {
    pull: () => this.#port.pull(),
    write: (bytes) => this.write(bytes),
    drained: () => this.drained(),
    end: () => this.end(),
    destroy: (reason) => this.destroy(reason),
    onDrain: (listener) => {
      this.#onDrain = listener;
    },
  };

  /** The server goes down. */
  serverDrains(): void {
    this.#onDrain?.();
    this.#onDrain = undefined;
  }

  /** The stream asks for what is to be sent next. */
  pull(): Uint8Array | null | Promise<Uint8Array | null> {
    const next = this.#queue.shift();
    if (next !== undefined) {
      this.#queued -= next.byteLength;
      this.#wakeWriter();
      return next;
    }
    if (this.#ended) return null;
    this.#sending = Promise.withResolvers();
    return this.#sending.promise;
  }

  /** The stream is gone. */
  cancel(reason?: unknown): void {
    this.#error = reason ?? new Error("the stream is closed");
    this.#ended = true;
    this.#sending?.resolve(null);
    // A writer that nobody awaits must not become an unhandled rejection.
    this.#writer?.promise.catch(() => {});
    this.#writer?.reject(this.#error);
    this.#writer = undefined;
  }

  write(bytes: Uint8Array | string): boolean {
    if (this.#ended) return false;
    const chunk = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes.slice();
    if (chunk.byteLength === 0) return true;
    const sending = this.#sending;
    if (sending !== undefined) {
      this.#sending = undefined;
      sending.resolve(chunk);
      return true;
    }
    this.#queue.push(chunk);
    this.#queued += chunk.byteLength;
    return this.#queued < HIGH_WATER_BYTES;
  }

  drained(): Promise<void> {
    if (this.#error !== undefined) return Promise.reject(this.#error);
    if (this.#queued < HIGH_WATER_BYTES) return Promise.resolve();
    this.#writer ??= Promise.withResolvers();
    return this.#writer.promise;
  }

  end(): void {
    this.#ended = true;
    this.#sending?.resolve(null);
    this.#sending = undefined;
  }

  destroy(reason?: unknown): void {
    this.#port.reset(reason);
  }

  #wakeWriter(): void {
    if (this.#queued >= HIGH_WATER_BYTES) return;
    this.#writer?.resolve();
    this.#writer = undefined;
  }
}
