import { HttpError } from "../../../core/errors.ts";
import { problems } from "../../../wire/http1/head-problem.ts";
import type { BodyOwner } from "../../../wire/http2/stream-body.ts";
import { StreamBody } from "../../../wire/http2/stream-body.ts";
import { RateGuard } from "../../../wire/rate-guard.ts";
import type { Limits } from "../../limits.ts";

/** The content of an HTTP/2 request, within the limits on it. */
export class RequestContent extends StreamBody {
  readonly #limits: Limits;
  #guard: RateGuard | undefined;
  #mayPause = false;

  constructor(owner: BodyOwner, limits: Limits, size: number | undefined) {
    super(owner, size);
    this.#limits = limits;
  }

  mayPause(): void {
    this.#mayPause = true;
  }

  /** Whether the client sends too slowly; asked on every sweep while its bytes are waited for. */
  tooSlow(elapsedMs: number): boolean {
    if (this.tunnel || this.#mayPause) return false;
    this.#guard ??= new RateGuard();
    return this.#guard.tooSlow(this.received, elapsedMs, this.#limits);
  }

  protected override judge(bytes: number): HttpError | undefined {
    const limit = this.#limits.bodyBytes;
    if (limit === 0 || bytes <= limit) return undefined;
    const { status, code, detail } = problems.body_too_large;
    return new HttpError(status, code, detail);
  }
}
