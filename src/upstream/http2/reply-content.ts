import type { BodyOwner } from "../../wire/http2/stream-body.ts";
import { StreamBody } from "../../wire/http2/stream-body.ts";

/** The content of an answer. Who gives it up before its end gives up the stream. */
export class ReplyContent extends StreamBody {
  readonly #cancelled: (reason: unknown) => void;

  constructor(owner: BodyOwner, size: number | undefined, cancelled: (reason: unknown) => void) {
    super(owner, size);
    this.#cancelled = cancelled;
  }

  override cancel(reason?: unknown): void {
    if (this.ended) super.cancel();
    else this.#cancelled(reason);
  }
}
