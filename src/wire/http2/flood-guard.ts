/** Frames that cost us work and move nothing forward, beyond what the exchange of data explains. */
const NUISANCES = 1_000;
const RESET_WINDOW_MS = 30_000;

/**
 * Tells a flood from use. Every frame that only keeps us busy (PING, SETTINGS, PRIORITY, WINDOW_UPDATE,
 * CONTINUATION, empty DATA) counts up, every message and every frame of data counts down.
 */
export class FloodGuard {
  readonly #maxResets: number;
  #nuisances = 0;
  #resets = 0;
  #windowMs = 0;

  /** @param maxResets streams that may be broken off within 30 seconds */
  constructor(maxResets: number) {
    this.#maxResets = maxResets;
  }

  /** @returns whether there have been too many */
  nuisance(): boolean {
    return ++this.#nuisances > NUISANCES;
  }

  /** Data or a message has moved. */
  progress(): void {
    if (this.#nuisances > 0) this.#nuisances = Math.max(this.#nuisances - 2, 0);
  }

  /**
   * A stream was broken off, by the peer or for its fault (CVE-2023-44487, CVE-2025-8671).
   * @returns whether there have been too many
   */
  reset(): boolean {
    return ++this.#resets > this.#maxResets;
  }

  sweep(elapsedMs: number): void {
    this.#windowMs += elapsedMs;
    if (this.#windowMs < RESET_WINDOW_MS) return;
    this.#windowMs = 0;
    this.#resets = 0;
    this.#nuisances = 0;
  }
}
