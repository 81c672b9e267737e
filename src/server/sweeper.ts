import { refreshDate } from "../wire/http1/reply-head.ts";

/** Something with time limits of its own. */
export interface Swept {
  sweep(elapsedMs: number): void;
}

/**
 * One coarse timer for every connection of a server: a walk over ten thousand of them costs less than one
 * timer each, and limits in seconds need no better.
 */
export class Sweeper {
  readonly #members = new Set<Swept>();
  readonly #timer: ReturnType<typeof setInterval>;
  #last = performance.now();

  constructor(intervalMs: number) {
    this.#timer = setInterval(() => this.#tick(), intervalMs);
  }

  add(member: Swept): void {
    this.#members.add(member);
  }

  delete(member: Swept): void {
    this.#members.delete(member);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    refreshDate();
    const now = performance.now();
    const elapsed = now - this.#last;
    this.#last = now;
    for (const member of this.#members) member.sweep(elapsed);
  }
}

/** A tick fine enough for the shortest of `limitsMs`, and never busier than every 20 ms. */
export function sweepInterval(limitsMs: readonly number[]): number {
  const shortest = Math.min(...limitsMs.filter((limit) => limit > 0), 2_000);
  return Math.min(Math.max(shortest / 4, 20), 500);
}
