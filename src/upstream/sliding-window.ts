import type { Clock } from "./clock.ts";

const SLOTS = 10;

/** Counts outcomes of the last while, in ten slots that are emptied as time goes on. Adding costs the same always. */
export class SlidingWindow {
  readonly #slotMs: number;
  readonly #now: Clock;
  readonly #totals = new Uint32Array(SLOTS);
  readonly #faults = new Uint32Array(SLOTS);
  #total = 0;
  #faulty = 0;
  /** Number of the slot that is filled now, since the beginning of time. */
  #slot: number;

  constructor(windowMs: number, now: Clock) {
    this.#slotMs = windowMs / SLOTS;
    this.#now = now;
    this.#slot = Math.floor(now() / this.#slotMs);
  }

  add(faulty: boolean): void {
    this.#moveOn();
    const at = this.#slot % SLOTS;
    this.#totals[at] = (this.#totals[at] as number) + 1;
    this.#total++;
    if (!faulty) return;
    this.#faults[at] = (this.#faults[at] as number) + 1;
    this.#faulty++;
  }

  /** Outcomes within the window. */
  get total(): number {
    this.#moveOn();
    return this.#total;
  }

  /** The part of them that were faults: 0 to 1. */
  get faultRate(): number {
    this.#moveOn();
    return this.#total === 0 ? 0 : this.#faulty / this.#total;
  }

  clear(): void {
    this.#totals.fill(0);
    this.#faults.fill(0);
    this.#total = this.#faulty = 0;
  }

  #moveOn(): void {
    const slot = Math.floor(this.#now() / this.#slotMs);
    if (slot - this.#slot >= SLOTS) this.clear();
    else {
      for (let passed = this.#slot + 1; passed <= slot; passed++) {
        const at = passed % SLOTS;
        this.#total -= this.#totals[at] as number;
        this.#faulty -= this.#faults[at] as number;
        this.#totals[at] = this.#faults[at] = 0;
      }
    }
    this.#slot = slot;
  }
}
