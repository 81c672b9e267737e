import { ConnectionError, ErrorCode, MAX_WINDOW } from "./frames.ts";

/** How many of the streams that we have reset are remembered. */
const CUT_KEPT = 256;

/** The streams of a connection, and which there have been. */
export class StreamTable<S extends { readonly sender: { window: number } }> extends Map<number, S> {
  /** The highest stream the client has opened. At a client: we. */
  lastOpened = 0;
  /** The highest stream the server has pushed. */
  lastPushed = 0;

  readonly #cut = new Set<number>();

  /** We have reset a stream: the peer may have sent more before it knew. */
  noteCut(id: number): void {
    this.#cut.add(id);
    if (this.#cut.size <= CUT_KEPT) return;
    for (const oldest of this.#cut) {
      this.#cut.delete(oldest);
      break;
    }
  }

  /** Whether trailers on this stream can have been on their way when we reset it (RFC 9113 5.1); true once. */
  takeCut(id: number): boolean {
    return this.#cut.delete(id);
  }

  /** @throws ConnectionError where a frame is for a stream that was never opened (RFC 9113 5.1) */
  checkKnown(id: number, what: string): void {
    const last = id % 2 === 1 ? this.lastOpened : this.lastPushed;
    if (id > last) {
      throw new ConnectionError(ErrorCode.protocol, `${what} on a stream that was not opened`);
    }
  }

  /** The peer has changed the initial window: open ones change with it, below zero too (RFC 9113 6.9.2). */
  changeWindows(by: number): void {
    for (const { sender } of this.values()) {
      sender.window += by;
      if (sender.window > MAX_WINDOW) {
        throw new ConnectionError(ErrorCode.flowControl, "a window is too large");
      }
    }
  }
}
