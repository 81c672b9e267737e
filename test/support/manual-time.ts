import type { Schedule } from "../../src/upstream/clock.ts";

/** Time that passes when a test says so. */
export class ManualTime {
  #now = 1_000_000;
  readonly #waiting = new Set<{ at: number; run: () => void }>();

  readonly now = (): number => this.#now;

  readonly schedule: Schedule = (run, ms) => {
    const entry = { at: this.#now + ms, run };
    this.#waiting.add(entry);
    return () => this.#waiting.delete(entry);
  };

  /** How many things wait for their time. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** When the next of them is due, from now. */
  get nextMs(): number | undefined {
    return this.#next() === undefined ? undefined : (this.#next() as { at: number }).at - this.#now;
  }

  advance(ms: number): void {
    const until = this.#now + ms;
    for (let next = this.#next(); next !== undefined && next.at <= until; next = this.#next()) {
      this.#now = next.at;
      this.#waiting.delete(next);
      next.run();
    }
    this.#now = until;
  }

  #next(): { at: number; run: () => void } | undefined {
    return [...this.#waiting].toSorted((a, b) => a.at - b.at)[0];
  }
}
