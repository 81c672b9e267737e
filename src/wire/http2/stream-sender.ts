import type { Source } from "../source.ts";
import { Flag, FrameType, MAX_FRAME_BYTES } from "./frames.ts";
import type { RateLimits } from "../rate-guard.ts";
import { RateGuard } from "../rate-guard.ts";
import type { Sender } from "./send-queue.ts";
import type { StreamConnection } from "./message-stream.ts";

const encoder = new TextEncoder();
/** Sent for one stream before the others have their turn. */
const TURN_BYTES = 256 * 1024;

/** A stream whose message is sent. */
export interface SendingStream {
  readonly id: number;
  /** The whole message was handed to the transport. */
  sent(): void;
  /** So many bytes of the content have been, so far. */
  progressed?(bytes: number): void;
  /** The content cannot be completed: the peer must see that. */
  sendFailed(error: unknown): void;
}

/**
 * The sending half of a stream: bytes leave as far as the stream's window, the connection's window and the
 * socket allow, and a source is pulled no sooner.
 */
export class StreamSender implements Sender {
  /** Our half is closed. */
  ended = false;
  window: number;
  readonly #connection: StreamConnection;
  readonly #stream: SendingStream;
  /** Taken from the source, or the whole body; not sent yet. */
  #chunk: Uint8Array | undefined;
  #source: Source | undefined;
  #pulling = false;
  #trailers: (() => Uint8Array | undefined) | undefined;
  #sent = 0;
  #guard: RateGuard | undefined;
  #stopped = false;

  constructor(connection: StreamConnection, stream: SendingStream) {
    this.#connection = connection;
    this.#stream = stream;
    this.window = connection.peer.initialWindow;
  }

  /** Sends a body that is in memory. */
  bytes(body: string | Uint8Array, trailers: Uint8Array | undefined): void {
    this.#chunk = typeof body === "string" ? encoder.encode(body) : body;
    if (trailers !== undefined) this.#trailers = () => trailers;
    this.run();
  }

  /** Sends a body to be pulled. @param trailers asked once it has ended */
  stream(source: Source, trailers: () => Uint8Array | undefined): void {
    this.#source = source;
    this.#trailers = trailers;
    this.run();
  }

  /** Ends our half without content. */
  end(trailers: Uint8Array | undefined): void {
    this.#trailers = () => trailers;
    this.#finish();
  }

  /** Goes on as far as it can; called again when a window or the socket has opened. */
  run(): void {
    try {
      this.#run();
    } catch (error) {
      this.#fail(error);
    }
  }

  #run(): void {
    let turn = TURN_BYTES;
    while (!this.#stopped && !this.#pulling) {
      if (this.#chunk === undefined) {
        if (this.#source === undefined) {
          this.#finish();
          return;
        }
        if (!this.#pull(this.#source)) return;
        continue;
      }
      if (!this.#allowed() || turn <= 0) {
        this.#connection.queue.wait(this);
        return;
      }
      turn -= this.#sendFrame(this.#chunk);
    }
  }

  #allowed(): boolean {
    const connection = this.#connection;
    // An empty last frame needs no window.
    if (this.#chunk?.byteLength === 0) return true;
    return this.window > 0 && connection.queue.open;
  }

  #sendFrame(chunk: Uint8Array): number {
    const connection = this.#connection;
    // A window can be below zero (RFC 9113 6.9.2), where an empty chunk still passes.
    const open = Math.max(Math.min(this.window, connection.queue.window), 0);
    const length = Math.min(chunk.byteLength, open, MAX_FRAME_BYTES);
    const rest = length < chunk.byteLength ? chunk.subarray(length) : undefined;
    this.window -= length;
    connection.queue.window -= length;
    this.#sent += length;
    this.#stream.progressed?.(this.#sent);
    this.#chunk = rest;
    const last = rest === undefined && this.#source === undefined && this.#trailers === undefined;
    const flags = last ? Flag.endStream : 0;
    connection.writer.frame(
      FrameType.data,
      flags,
      this.#stream.id,
      length === chunk.byteLength ? chunk : chunk.subarray(0, length),
    );
    connection.guard.progress();
    if (last) this.#stream.sent();
    if (last) this.#stopped = true;
    return length;
  }

  /** @returns whether to go on at once */
  #pull(source: Source): boolean {
    const connection = this.#connection;
    if (this.window <= 0 || !connection.queue.open) {
      connection.queue.wait(this);
      return false;
    }
    const chunk = source.pull();
    if (!(chunk instanceof Promise)) return this.#took(source, chunk);
    this.#pulling = true;
    chunk.then(
      (settled) => {
        this.#pulling = false;
        if (this.#stopped) return;
        try {
          if (this.#took(source, settled)) this.#run();
        } catch (error) {
          this.#fail(error);
        }
        connection.writer.schedule();
      },
      (error) => {
        this.#pulling = false;
        this.#fail(error);
      },
    );
    return false;
  }

  #took(source: Source, chunk: Uint8Array | null): boolean {
    const { size } = source;
    if (chunk === null) {
      if (size !== undefined && this.#sent !== size) {
        throw new Error(`the body ended after ${this.#sent} of ${size} bytes`);
      }
      this.#source = undefined;
      this.#finish();
      return false;
    }
    if (size !== undefined && this.#sent + chunk.byteLength > size) {
      throw new Error(`the body is longer than the ${size} bytes it declared`);
    }
    this.#chunk = chunk;
    return true;
  }

  /** Trailers, or an empty frame, with END_STREAM. */
  #finish(): void {
    if (this.#stopped) return;
    const { writer } = this.#connection;
    // Before anything is marked: the application's function may throw.
    const block = this.#trailers?.();
    this.#stopped = true;
    if (block !== undefined) writer.fields(FrameType.headers, this.#stream.id, block, true);
    else writer.frame(FrameType.data, Flag.endStream, this.#stream.id, new Uint8Array(0));
    this.#stream.sent();
  }

  #fail(error: unknown): void {
    if (this.#stopped) return;
    this.#stream.sendFailed(error ?? new Error("the body failed"));
  }

  /** The stream is closed: what the source holds is freed. */
  stop(reason: unknown): void {
    this.#stopped = true;
    this.#chunk = undefined;
    this.#source?.cancel(reason);
    this.#source = undefined;
    this.#connection.queue.forget(this);
  }

  /** Whether there is something to send and only the peer, with its windows, holds us back. */
  get held(): boolean {
    if (this.#stopped || this.#pulling) return false;
    return this.#chunk !== undefined || this.#source !== undefined;
  }

  /** Bytes of content sent so far. */
  get bytesSent(): number {
    return this.#sent;
  }

  /** Whether the peer takes what is ready too slowly. */
  tooSlow(elapsedMs: number, limits: RateLimits): boolean {
    if (!this.held) return false;
    this.#guard ??= new RateGuard();
    return this.#guard.tooSlow(this.#sent, elapsedMs, limits);
  }
}
