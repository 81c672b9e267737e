/** What a policy reads of a fault. */
export interface FaultSeen {
  readonly code: string;
  readonly seen: "nothing" | "unanswered" | "some";
}

export interface RetryOptions {
  /** Attempts in all, the first one counted. 1 = no retries. */
  readonly attempts: number;
  /** Statuses after which another backend is asked, if the method may be repeated. */
  readonly statuses: readonly number[];
}

export const defaultRetry: RetryOptions = { attempts: 3, statuses: [502, 503, 504] };

/** One request, as far as it matters for another attempt. */
export interface Attempt {
  readonly method: string;
  /** Attempts that were made. */
  readonly attempts: number;
  /** Whether its body is still there to be sent again; true without one. */
  readonly replayable: boolean;
}

/** RFC 9110 9.2.2; QUERY is safe and idempotent by its definition. */
const IDEMPOTENT = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "QUERY"]);

/** Faults that no other backend would spare us. */
const FINAL = new Set(["cancelled", "total_timeout", "overloaded", "no_backend"]);

/** Says what may be tried again. How often in all, and when, is for the budget and the backoff. */
export class RetryPolicy {
  readonly #attempts: number;
  readonly #statuses: ReadonlySet<number>;

  constructor({ attempts, statuses }: RetryOptions = defaultRetry) {
    this.#attempts = attempts;
    this.#statuses = new Set(statuses);
  }

  /**
   * After a fault: anything of which no backend has seen a byte; else only what does no harm twice
   * (RFC 9110 9.2.2).
   */
  mayRetryFault(attempt: Attempt, { code, seen }: FaultSeen): boolean {
    if (!this.#mayRetry(attempt) || FINAL.has(code)) return false;
    return seen === "nothing" || IDEMPOTENT.has(attempt.method);
  }

  /** After an answer: it was seen, so the method decides. */
  mayRetryStatus(attempt: Attempt, status: number): boolean {
    return this.#statuses.has(status) && this.#mayRetry(attempt) && IDEMPOTENT.has(attempt.method);
  }

  #mayRetry({ attempts, replayable }: Attempt): boolean {
    return attempts < this.#attempts && replayable;
  }
}
