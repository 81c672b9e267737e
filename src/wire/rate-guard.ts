/** What a peer must keep up while it is waited for. */
export interface RateLimits {
  /** Milliseconds without a byte. */
  readonly idleMs: number;
  /** Bytes a second on average once `bodyRateGraceMs` have passed; 0 = off. */
  readonly minBodyRate: number;
  readonly bodyRateGraceMs: number;
}

/**
 * Tells a peer that is slow from one that is merely not asked: only time in which we wait for the peer
 * counts, so a handler or a peer that pauses for our sake is never cut.
 */
export class RateGuard {
  #waited = 0;
  #stalled = 0;
  #first: number | undefined;
  #seen = 0;

  /**
   * Called on every sweep while the peer is waited for.
   * @param bytes moved so far, counted from any point
   * @returns whether the peer is below the minimum rate, or has not moved at all for the idle time
   */
  tooSlow(bytes: number, elapsedMs: number, limits: RateLimits): boolean {
    if (this.#first === undefined) {
      // From here on: of the time before, nobody knows how much was waiting.
      this.#first = bytes;
      this.#seen = bytes;
      return false;
    }
    this.#waited += elapsedMs;
    this.#stalled = bytes === this.#seen ? this.#stalled + elapsedMs : 0;
    this.#seen = bytes;
    if (this.#stalled >= limits.idleMs) return true;
    if (limits.minBodyRate === 0 || this.#waited <= limits.bodyRateGraceMs) return false;
    return ((bytes - this.#first) * 1000) / this.#waited < limits.minBodyRate;
  }
}
