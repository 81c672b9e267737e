/** What a limiter says of one request. */
export interface Verdict {
  readonly allowed: boolean;
  /** Whole requests that are left. */
  readonly remaining: number;
  /** Milliseconds until there are more. */
  readonly resetMs: number;
  /** Milliseconds until this request would be allowed; 0 when it is. */
  readonly retryMs: number;
}

/** Counts what clients use up. */
export interface Limiter {
  /**
   * At once where the counts are in this process.
   * @param cost how much the request uses up
   * @param receivedAt of the request, milliseconds of `performance.now()`; 0 where nobody has looked at the clock
   */
  take(key: string, cost: number, receivedAt: number): Verdict | Promise<Verdict>;
  /** Most that can be used at once, and the milliseconds it takes to have all of it back. */
  readonly quota: number;
  readonly windowMs: number;
}
