import { parseHttpDate } from "../http/http-date.ts";

/** When and how often a request is sent again. Times are milliseconds. */
export interface RetryOptions {
  /** Further tries after the first. 0 = none. */
  readonly retries?: number;
  /** Methods that may be sent again. Default: the idempotent ones (RFC 9110 9.2.2). */
  readonly methods?: readonly string[];
  /** Answers that are tried again. Default 408, 425, 429, 502, 503, 504. */
  readonly statuses?: readonly number[];
  /** The first pause is random up to this, the second up to twice as much … Default 200. */
  readonly delayMs?: number;
  /** No pause is longer. A `Retry-After` beyond it ends the tries. Default 10,000. */
  readonly maxDelayMs?: number;
}

const IDEMPOTENT = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "QUERY"];
const TRANSIENT = [408, 425, 429, 502, 503, 504];

/** Decides whether a request is sent again, and when. */
export class RetryPolicy {
  readonly #retries: number;
  readonly #methods: ReadonlySet<string>;
  readonly #statuses: ReadonlySet<number>;
  readonly #delayMs: number;
  readonly #maxDelayMs: number;

  /** @throws RangeError on a number that cannot be */
  constructor(options: RetryOptions | number = {}) {
    const given = typeof options === "number" ? { retries: options } : options;
    this.#retries = checkNumber("retries", given.retries ?? 2, 100);
    this.#methods = new Set(given.methods ?? IDEMPOTENT);
    this.#statuses = new Set(given.statuses ?? TRANSIENT);
    this.#delayMs = checkNumber("delayMs", given.delayMs ?? 200);
    this.#maxDelayMs = checkNumber("maxDelayMs", given.maxDelayMs ?? 10_000);
  }

  /**
   * Milliseconds to wait before the next try; undefined for no more.
   * @param sent how often it was sent
   * @param failure the answer, or undefined when none came
   */
  pause(request: Request, sent: number, answer: Response | undefined): number | undefined {
    if (sent > this.#retries || !this.#mayRepeat(request)) return undefined;
    if (answer !== undefined && !this.#statuses.has(answer.status)) return undefined;
    const asked = answer && retryAfterMs(answer.headers.get("retry-after"));
    if (asked !== undefined) return asked <= this.#maxDelayMs ? asked : undefined;
    // All of the pause is random: those that failed together do not come back together.
    return Math.random() * Math.min(this.#maxDelayMs, this.#delayMs * 2 ** (sent - 1));
  }

  /** A key says that the server recognises a repetition (draft-ietf-httpapi-idempotency-key-header). */
  #mayRepeat(request: Request): boolean {
    return this.#methods.has(request.method) || request.headers.has("idempotency-key");
  }
}

/** RFC 9110 10.2.3: seconds or a date. Undefined where there is none that can be read. */
export function retryAfterMs(value: string | null, now = Date.now()): number | undefined {
  if (value === null) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const date = parseHttpDate(value);
  return date === undefined ? undefined : Math.max(0, date - now);
}

/** @throws RangeError */
export function checkNumber(name: string, value: number, most = 2 ** 31 - 1): number {
  if (Number.isFinite(value) && value >= 0 && value <= most) return value;
  throw new RangeError(`${name} must be a number from 0 to ${most}, not ${value}`);
}
