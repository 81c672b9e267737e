import type { ServerSentEvent } from "../../http/sse.ts";
import { encodeComment, encodeEvent } from "../../http/sse.ts";
import type { Source } from "../../wire/source.ts";

/** An event to send. Data that is no text is sent as JSON. */
export type OutgoingEvent = string | (Omit<ServerSentEvent, "data"> & { readonly data?: unknown });

/** Bytes of events that may wait for a client that does not read; past it the stream breaks off. */
const WAITING_AT_MOST = 1024 * 1024;

const encoder = new TextEncoder();

/**
 * A live stream of server-sent events (HTML 9.2). What is sent goes out as the client reads it: await
 * {@link send} to go no faster than that.
 */
export class EventStream implements Source {
  readonly size = undefined;
  /** The id of the last event the client has seen, where it comes back. */
  readonly lastEventId: string | undefined;
  readonly #gone = new AbortController();
  #queue: Uint8Array[] = [];
  #waiting = 0;
  #ended = false;
  #failure: { error: unknown } | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** The pull that waits for an event. */
  #wake: (() => void) | undefined;
  /** Senders that wait until all has been pulled. */
  #drained: (() => void)[] = [];

  /** @param heartbeatMs after which a comment is sent where nothing else was; 0 = never */
  constructor(lastEventId: string | undefined, signal: AbortSignal, heartbeatMs: number) {
    this.lastEventId = lastEventId;
    if (heartbeatMs > 0) this.#timer = setInterval(() => this.#beat(), heartbeatMs);
    signal.addEventListener("abort", () => this.cancel(signal.reason), { once: true });
  }

  /** Aborted when the client is gone. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  /** Whether nothing more can be sent. */
  get closed(): boolean {
    return this.#ended;
  }

  /**
   * Sends an event. After the end it does nothing, so that a loop may look at {@link signal} when it likes.
   * @returns a promise of the client having taken what was sent
   * @throws TypeError for an event or id with a line end
   */
  send(event: OutgoingEvent): Promise<void> {
    const { data, ...fields } = typeof event === "string" ? { data: event } : event;
    const text = data === undefined || typeof data === "string" ? data : JSON.stringify(data);
    return this.#push(encodeEvent({ ...fields, ...(text !== undefined && { data: text }) }));
  }

  /** Sends what clients ignore. */
  comment(text?: string): Promise<void> {
    return this.#push(encodeComment(text));
  }

  /** Ends the stream once what waits has left. The client comes back unless its code closes it. */
  close(): void {
    this.#end();
    this.#wake?.();
  }

  /** Breaks the stream off, so that the client sees an error and comes back. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.close();
  }

  async pull(): Promise<Uint8Array | null> {
    for (;;) {
      const next = this.#queue.shift();
      if (next !== undefined) {
        this.#waiting -= next.byteLength;
        if (this.#queue.length === 0) this.#tellDrained();
        return next;
      }
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#ended) return null;
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = undefined;
    }
  }

  /** Nobody who listens to events ends its side and stays. */
  peerEnded(): void {
    this.cancel();
  }

  cancel(reason?: unknown): void {
    this.#end();
    this.#gone.abort(reason);
    this.#queue = [];
    this.#waiting = 0;
    this.#tellDrained();
    this.#wake?.();
  }

  #push(text: string): Promise<void> {
    if (this.#ended) return Promise.resolve();
    const bytes = encoder.encode(text);
    if (this.#waiting + bytes.byteLength > WAITING_AT_MOST && this.#waiting > 0) {
      this.#queue = [];
      this.fail(new Error(`a client has left ${this.#waiting} bytes of events unread`));
      this.#tellDrained();
      return Promise.resolve();
    }
    this.#queue.push(bytes);
    this.#waiting += bytes.byteLength;
    const drained = new Promise<void>((resolve) => this.#drained.push(resolve));
    this.#wake?.();
    return drained;
  }

  #beat(): void {
    if (this.#waiting === 0) void this.comment();
  }

  #tellDrained(): void {
    const waiting = this.#drained;
    this.#drained = [];
    for (const resolve of waiting) resolve();
  }

  #end(): void {
    this.#ended = true;
    clearInterval(this.#timer);
  }
}
