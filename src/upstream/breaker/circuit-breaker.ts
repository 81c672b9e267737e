import type { Clock } from "../clock.ts";
import { SlidingWindow } from "../sliding-window.ts";

export type BreakerState = "closed" | "open" | "half_open";

/** When a breaker opens, and how it closes again. */
export interface BreakerOptions {
  /** Faults in a row that open it. 0 = never for that. */
  readonly consecutiveFaults: number;
  /** The part of requests within the window that are faults: 0 to 1. 0 = never for that. */
  readonly errorRate: number;
  /** Requests within the window below which the rate says nothing. */
  readonly minRequests: number;
  readonly windowMs: number;
  /** How long it stays open before it is tried again. */
  readonly openMs: number;
  /** Requests that may be under way at a time while it is tried. */
  readonly maxProbes: number;
  /** Probes that must end well to close it. */
  readonly successes: number;
}

export const defaultBreaker: BreakerOptions = {
  consecutiveFaults: 10,
  errorRate: 0.5,
  minRequests: 50,
  windowMs: 10_000,
  openMs: 10_000,
  maxProbes: 1,
  successes: 3,
};

/**
 * Keeps requests from a backend that fails them. Closed, all pass; open, none do; half-open, a few are let
 * through to see how they fare.
 *
 * Each `allow()` that was not 0 is followed by exactly one `record`, as soon as the outcome is known.
 */
export class CircuitBreaker {
  readonly #options: BreakerOptions;
  readonly #now: Clock;
  readonly #onChange: ((state: BreakerState) => void) | undefined;
  readonly #window: SlidingWindow;
  #state: BreakerState = "closed";
  #since: number;
  #reason: string | undefined;
  #inARow = 0;
  /** While half-open: probes under way, and those that ended well. */
  #probes = 0;
  #good = 0;
  /** Counts changes of state: what was allowed before the last one says nothing about now. */
  #pass = 1;
  #opened = 0;

  /** @param onChange for logs and metrics */
  constructor(options: BreakerOptions, now: Clock, onChange?: (state: BreakerState) => void) {
    this.#options = options;
    this.#now = now;
    this.#onChange = onChange;
    this.#since = now();
    this.#window = new SlidingWindow(options.windowMs, now);
  }

  get state(): BreakerState {
    if (this.#state === "open" && this.#now() - this.#since >= this.#options.openMs) {
      this.#probes = this.#good = 0;
      this.#enter("half_open");
    }
    return this.#state;
  }

  /** What opened it; undefined while it is closed. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** Times it opened since the start. */
  get opened(): number {
    return this.#opened;
  }

  /** Milliseconds until it is tried again; 0 unless open. */
  get remainingMs(): number {
    return this.state === "open" ? this.#since + this.#options.openMs - this.#now() : 0;
  }

  /** A pass for a request, to be given back to `record`; 0 = it may not be sent. */
  allow(): number {
    const { state } = this;
    if (state === "open") return 0;
    if (state === "half_open" && this.#probes++ >= this.#options.maxProbes) {
      this.#probes--;
      return 0;
    }
    return this.#pass;
  }

  /**
   * How a request that was allowed ended. `ignored` is for what says nothing of the backend, such as a client
   * that went away.
   */
  record(outcome: "ok" | "fault" | "ignored", pass: number): void {
    const { state } = this;
    if (pass !== this.#pass) return;
    if (state === "closed") {
      if (outcome !== "ignored") this.#recordClosed(outcome === "fault");
      return;
    }
    this.#probes--;
    if (outcome === "fault") this.#open("a probe failed");
    else if (outcome === "ok" && ++this.#good >= this.#options.successes) this.#close();
  }

  #recordClosed(faulty: boolean): void {
    this.#window.add(faulty);
    this.#inARow = faulty ? this.#inARow + 1 : 0;
    if (!faulty) return;
    const { consecutiveFaults, errorRate, minRequests } = this.#options;
    if (consecutiveFaults > 0 && this.#inARow >= consecutiveFaults) {
      this.#open(`${this.#inARow} faults in a row`);
    } else if (errorRate > 0 && this.#window.total >= minRequests) {
      const rate = this.#window.faultRate;
      if (rate >= errorRate) {
        this.#open(`${Math.round(rate * 100)} % of ${this.#window.total} requests failed`);
      }
    }
  }

  #open(reason: string): void {
    this.#reason = reason;
    this.#opened++;
    this.#enter("open");
  }

  #close(): void {
    this.#reason = undefined;
    this.#inARow = 0;
    this.#window.clear();
    this.#enter("closed");
  }

  #enter(state: BreakerState): void {
    this.#state = state;
    this.#pass++;
    this.#since = this.#now();
    this.#onChange?.(state);
  }
}
