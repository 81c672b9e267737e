/**
 * Tells a peer that is slow from one that is merely not asked: only time in which we wait for the peer
 * counts, so a handler or a peer that pauses for our sake is never cut.
 */
export class RateGuard {
  #waited = 0;
  #stalled = 0;
  #seen = 0;

  /**
   * Called on every sweep while the peer is waited for.
   * @param bytes moved so far
   * @returns whether the peer is below the rate, or has not moved at all for `idleMs`
   */
  tooSlow(
    bytes: number,
    elapsedMs: number,
    rate: number,
    graceMs: number,
    idleMs: number,
  ): boolean {
    this.#waited += elapsedMs;
    this.#stalled = bytes === this.#seen ? this.#stalled + elapsedMs : 0;
    this.#seen = bytes;
    if (this.#stalled >= idleMs) return true;
    return rate > 0 && this.#waited > graceMs && (bytes * 1000) / this.#waited < rate;
  }
}
