import type { HeaderList } from "../../http/header-list.ts";
import { encodeFields } from "../hpack/encoder.ts";
import { fieldPairs } from "../field-pairs.ts";
import type { FloodGuard } from "./flood-guard.ts";
import type { FrameWriter } from "./frame-writer.ts";
import { ErrorCode, FrameType } from "./frames.ts";
import { ReceiveWindow } from "./receive-window.ts";
import type { SendQueue } from "./send-queue.ts";
import type { PeerSettings } from "./settings.ts";
import type { BodyOwner, StreamBody } from "./stream-body.ts";
import type { SendingStream } from "./stream-sender.ts";
import { StreamSender } from "./stream-sender.ts";
import { StreamTunnel } from "./stream-tunnel.ts";

/** What a peer may send on a stream before any of it was used. */
export const STREAM_WINDOW = 256 * 1024;

/** What a stream asks of its connection. */
export interface StreamConnection {
  readonly writer: FrameWriter;
  readonly queue: SendQueue;
  readonly guard: FloodGuard;
  readonly peer: PeerSettings;
  /** Content was used: the peer may send as much again. */
  used(bytes: number): void;
  /** Sends RST_STREAM. */
  cut(id: number, code: number): void;
}

/** One stream at either end: its two halves and its windows. What the messages on it mean is for others. */
export abstract class MessageStream<B extends StreamBody = StreamBody>
  implements SendingStream, BodyOwner
{
  readonly id: number;
  readonly sender: StreamSender;
  /** The peer's half is closed. */
  remoteEnded: boolean;
  /** The content that the peer sends; null where there is none, or none yet. */
  protected body: B | null = null;
  protected tunnel: StreamTunnel | undefined;
  readonly #connection: StreamConnection;
  readonly #receiveWindow = new ReceiveWindow(STREAM_WINDOW);
  #closed = false;

  constructor(connection: StreamConnection, id: number, remoteEnded: boolean) {
    this.id = id;
    this.#connection = connection;
    this.remoteEnded = remoteEnded;
    this.sender = new StreamSender(connection, this);
  }

  /** Both halves are closed, or it was broken off. */
  get closed(): boolean {
    return this.#closed;
  }

  // What the peer sends.

  /** @returns false when the peer sends more than it may */
  data(payload: Uint8Array, frameBytes: number, ended: boolean): boolean {
    if (!this.#receiveWindow.take(frameBytes)) return false;
    const padding = frameBytes - payload.byteLength;
    if (padding > 0) this.bodyUsed(padding);
    const { body } = this;
    if (body === null || this.#closed) {
      this.#connection.used(payload.byteLength);
      return true;
    }
    const received = body.received + payload.byteLength;
    // RFC 9113 8.1.1: content that is not as long as it says is malformed.
    if (body.size !== undefined && (received > body.size || (ended && received < body.size))) {
      this.#connection.used(payload.byteLength);
      this.abort(ErrorCode.protocol, this.lengthMismatch());
      return true;
    }
    if (payload.byteLength > 0) body.feed(payload);
    if (ended) this.remoteEnd();
    return true;
  }

  trailers(list: HeaderList): void {
    if (this.body !== null) this.body.trailers = list;
    this.remoteEnd();
  }

  /** Whether the content so far is as long as its Content-Length says. */
  get contentComplete(): boolean {
    const { body } = this;
    return body === null || body.size === undefined || body.size === body.received;
  }

  remoteEnd(): void {
    this.remoteEnded = true;
    this.body?.end();
    if (this.sender.ended) this.close(undefined);
    else this.remoteHalfEnded();
  }

  /** The peer broke the stream off, or the connection is gone. */
  broken(reason: unknown): void {
    this.close(reason);
  }

  // What goes the other way.

  /** Sends a field section behind which more follows. */
  sendFields(first: readonly string[], headers: HeaderList): void {
    const { writer } = this.#connection;
    const block = encodeFields([...first, ...fieldPairs(headers)]);
    writer.fields(FrameType.headers, this.id, block, false);
    writer.schedule();
  }

  /** From now on what is sent on the stream is the bytes of another protocol. */
  protected openTunnel(reset: (reason: unknown) => void): StreamTunnel {
    const { body } = this;
    if (body !== null) body.tunnel = true;
    const tunnel = new StreamTunnel({ pull: () => body?.pull() ?? null, reset });
    this.tunnel = tunnel;
    this.sender.stream(tunnel, () => undefined);
    this.#connection.writer.schedule();
    return tunnel;
  }

  bodyUsed(bytes: number): void {
    this.#connection.used(bytes);
    if (this.remoteEnded || this.#closed) return;
    const more = this.#receiveWindow.use(bytes);
    if (more === 0) return;
    const { writer } = this.#connection;
    writer.numbers(FrameType.windowUpdate, this.id, more);
    writer.schedule();
  }

  /** Breaks the stream off with an error the peer sees. */
  abort(code: number, reason: unknown): void {
    if (this.#closed) return;
    this.#connection.cut(this.id, code);
    this.#connection.writer.schedule();
    this.close(reason ?? new Error("the stream was reset"));
  }

  sent(): void {
    this.sender.ended = true;
    if (this.remoteEnded) this.close(undefined);
    else this.halfSent();
  }

  protected close(reason: unknown): void {
    if (this.#closed) return;
    this.#closed = true;
    this.sender.stop(reason);
    this.over(reason);
  }

  abstract bodyWanted(): void;

  abstract sendFailed(error: unknown): void;

  /** Our half is closed, the peer's is not. */
  protected abstract halfSent(): void;

  /** The peer's half is closed, ours is not. */
  protected abstract remoteHalfEnded(): void;

  /** The error of a message that is not as long as it says. */
  protected abstract lengthMismatch(): unknown;

  /** Told once. @param reason undefined when both halves are complete */
  protected abstract over(reason: unknown): void;
}
