import type { FlowControl } from "../../wire/http1/content.ts";
import { Content, UNTIL_CLOSE } from "../../wire/http1/content.ts";
import type { TrailerLimits } from "../../wire/http1/chunked-decoder.ts";

/** The content of an answer. Who gives it up before its end gives up the connection. */
export class ReplyContent extends Content {
  readonly endsWithConnection: boolean;
  readonly #cancelled: (reason: unknown) => void;

  constructor(
    length: number,
    flow: FlowControl,
    limits: TrailerLimits,
    cancelled: (reason: unknown) => void,
  ) {
    super(length, flow, limits);
    this.endsWithConnection = length === UNTIL_CLOSE;
    this.#cancelled = cancelled;
  }

  override cancel(reason?: unknown): void {
    if (this.ended || this.error !== undefined) return;
    super.cancel();
    this.#cancelled(reason);
  }
}
