import { HttpError } from "../../../core/errors.ts";
import type { FlowControl } from "../../../wire/http1/content.ts";
import { Content } from "../../../wire/http1/content.ts";
import type { HeadProblem } from "../../../wire/http1/head-problem.ts";
import { problems } from "../../../wire/http1/head-problem.ts";
import type { RequestHead } from "../../../wire/http1/request-head.ts";
import { RateGuard } from "../../../wire/rate-guard.ts";
import type { Limits } from "../../limits.ts";

/** The writing half, as a body uses it. */
export interface ContinueSender {
  /** Sends `100 Continue` (RFC 9110 10.1.1). */
  sendContinue(): void;
}

/** Unread content that is worth reading to its end to keep a connection; beyond it, closing is cheaper. */
export const DISCARD_BYTES = 256 * 1024;

/** The content of a request, within the limits on it. A client that waits for `100 Continue` gets it with the first pull. */
export class RequestBody extends Content {
  /** The client sends its content only once it is told to, or loses patience. */
  awaitsContinue: boolean;
  readonly #sender: ContinueSender;
  readonly #limits: Limits;
  #guard: RateGuard | undefined;

  constructor(head: RequestHead, limits: Limits, flow: FlowControl, sender: ContinueSender) {
    super(head.length, flow, limits);
    this.awaitsContinue = head.expectContinue;
    this.#sender = sender;
    this.#limits = limits;
  }

  /**
   * Whether the connection should rather end than read the rest: the client still waits for 100, the rest is
   * of no use, or nobody has asked for it and it is long.
   */
  get unwelcome(): boolean {
    if (this.ended) return false;
    if (this.awaitsContinue || this.error !== undefined) return true;
    return !this.pulled && this.size !== undefined && this.left > DISCARD_BYTES;
  }

  /** Whether the client sends too slowly; asked on every sweep while its bytes are waited for. */
  tooSlow(elapsedMs: number): boolean {
    this.#guard ??= new RateGuard();
    return this.#guard.tooSlow(this.received, elapsedMs, this.#limits);
  }

  override pull(): Uint8Array | null | Promise<Uint8Array | null> {
    const limit = this.#limits.bodyBytes;
    if (limit > 0 && this.size !== undefined && this.size > limit) {
      this.fail(this.asError(problems.body_too_large));
    }
    return super.pull();
  }

  protected override want(): void {
    if (this.awaitsContinue) {
      this.awaitsContinue = false;
      if (this.received === 0) this.#sender.sendContinue();
    }
    super.want();
  }

  protected override judge(more: number): HeadProblem | undefined {
    const limit = this.#limits.bodyBytes;
    if (limit === 0 || this.received + more <= limit) return undefined;
    this.fail(this.asError(problems.body_too_large));
    return problems.body_too_large;
  }

  protected override asError({ status, code, detail }: HeadProblem): HttpError {
    return new HttpError(status, code, detail);
  }
}
