import type { Schedule } from "../clock.ts";
import { schedule as machineSchedule } from "../clock.ts";
import type { HealthState } from "./health-state.ts";

/** One check. It rejects with what is wrong, and ends early when the signal says so. */
export type Probe = (signal: AbortSignal) => Promise<void>;

export interface HealthCheckOptions {
  /** From the end of a check to the next one, a tenth more or less. */
  readonly intervalMs: number;
  /** How long a check may take. */
  readonly timeoutMs: number;
}

/** The part of the interval by which checks are earlier or later, so that many do not come at once. */
const JITTER = 0.1;

/** Checks one backend again and again, one check at a time, and notes the results. */
export class HealthChecker {
  readonly #probe: Probe;
  readonly #state: HealthState;
  readonly #options: HealthCheckOptions;
  readonly #schedule: Schedule;
  readonly #random: () => number;
  #running: AbortController | undefined;
  #cancelNext: (() => void) | undefined;
  #stopped = true;

  /** @param random 0 ≤ random() < 1 */
  constructor(
    probe: Probe,
    state: HealthState,
    options: HealthCheckOptions,
    schedule: Schedule = machineSchedule,
    random: () => number = Math.random,
  ) {
    this.#probe = probe;
    this.#state = state;
    this.#options = options;
    this.#schedule = schedule;
    this.#random = random;
  }

  /** Checks at once, then at intervals. */
  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#check();
  }

  /** Gives up the check that is under way, whose result is not noted, and makes no more. */
  stop(): void {
    this.#stopped = true;
    this.#cancelNext?.();
    const running = this.#running;
    this.#running = undefined;
    running?.abort(new Error("the health check was stopped"));
  }

  #check(): void {
    const controller = new AbortController();
    const { timeoutMs } = this.#options;
    this.#running = controller;
    const done = (reason: string | undefined): void => {
      cancelTimeout();
      // A probe that was given up may still end: its time is over, and the next one counts.
      if (this.#running !== controller) return;
      this.#running = undefined;
      this.#state.record(reason);
      this.#plan();
    };
    const cancelTimeout = this.#schedule(() => {
      const reason = `no result within ${timeoutMs} ms`;
      done(reason);
      controller.abort(new Error(reason));
    }, timeoutMs);
    this.#run(controller.signal).then(
      () => done(undefined),
      (error: unknown) => done(error instanceof Error ? error.message : String(error)),
    );
  }

  async #run(signal: AbortSignal): Promise<void> {
    await this.#probe(signal);
  }

  #plan(): void {
    // Whoever is told of the result may have stopped the checks.
    if (this.#stopped) return;
    const jitter = 1 + JITTER * (2 * this.#random() - 1);
    this.#cancelNext = this.#schedule(() => this.#check(), this.#options.intervalMs * jitter);
  }
}
