import type { Clock } from "../clock.ts";
import { SlidingWindow } from "../sliding-window.ts";

/** When a backend is left alone for what its answers were. */
export interface EjectionOptions {
  /** Faults and 5xx in a row. 0 = never for that. */
  readonly consecutiveFaults: number;
  /** The part of requests within the window that are faults: 0 to 1. 0 = never for that. */
  readonly errorRate: number;
  /** Requests within the window below which the rate says nothing. */
  readonly minRequests: number;
  readonly windowMs: number;
  /** The first ejection; each further one is twice as long, up to the most. */
  readonly baseMs: number;
  readonly maxMs: number;
  /** The part of an upstream's backends that may be ejected at a time: 0 to 1. One may always be, of several. */
  readonly maxShare: number;
}

export const defaultEjection: EjectionOptions = {
  consecutiveFaults: 5,
  errorRate: 0.5,
  minRequests: 20,
  windowMs: 10_000,
  baseMs: 10_000,
  maxMs: 300_000,
  maxShare: 0.5,
};

/** The backends of one upstream, for the share of them that may be ejected at a time. */
export class EjectionGroup {
  readonly options: EjectionOptions;
  readonly now: Clock;
  readonly #members = new Set<BackendEjection>();

  constructor(options: EjectionOptions, now: Clock) {
    this.options = options;
    this.now = now;
  }

  /** @param onChange told when the backend is ejected and, once that is noticed, when it is back */
  add(onChange?: (ejected: boolean) => void): BackendEjection {
    const member = new BackendEjection(this, onChange);
    this.#members.add(member);
    return member;
  }

  /** A backend that is gone counts no more. */
  remove(member: BackendEjection): void {
    this.#members.delete(member);
  }

  /** Whether one more may be ejected. The only backend never is: nothing would be better without it. */
  get hasRoom(): boolean {
    if (this.#members.size < 2) return false;
    let ejected = 0;
    for (const member of this.#members) if (member.ejected) ejected++;
    return ejected < Math.max(1, Math.floor(this.#members.size * this.options.maxShare));
  }
}

/** Whether one backend is ejected, judged by the outcomes of its requests. */
export class BackendEjection {
  readonly #group: EjectionGroup;
  readonly #onChange: ((ejected: boolean) => void) | undefined;
  readonly #window: SlidingWindow;
  #inARow = 0;
  #ejected = false;
  #until = 0;
  #times = 0;
  #total = 0;
  #reason: string | undefined;

  constructor(group: EjectionGroup, onChange?: (ejected: boolean) => void) {
    this.#group = group;
    this.#onChange = onChange;
    this.#window = new SlidingWindow(group.options.windowMs, group.now);
  }

  get ejected(): boolean {
    if (this.#ejected && this.#group.now() >= this.#until) {
      this.#ejected = false;
      this.#reason = undefined;
      this.#onChange?.(false);
    }
    return this.#ejected;
  }

  /** Its backend is gone: it counts no more in its group. */
  leave(): void {
    this.#group.remove(this);
  }

  /** Why it is ejected, for status; undefined when it is not. */
  get reason(): string | undefined {
    return this.ejected ? this.#reason : undefined;
  }

  /** Milliseconds until it is asked again; 0 when it is not ejected. */
  get remainingMs(): number {
    return this.ejected ? this.#until - this.#group.now() : 0;
  }

  /** Ejections since the start. */
  get ejections(): number {
    return this.#total;
  }

  /** Notes how a request ended. A fault is one of the connection, or an answer of 5xx. */
  record(faulty: boolean): void {
    // What was under way when it was ejected says nothing new.
    if (this.ejected) return;
    const { options } = this.#group;
    this.#window.add(faulty);
    this.#inARow = faulty ? this.#inARow + 1 : 0;
    if (!faulty) return;
    if (options.consecutiveFaults > 0 && this.#inARow >= options.consecutiveFaults) {
      this.#eject(`${this.#inARow} faults in a row`);
    } else if (options.errorRate > 0 && this.#window.total >= options.minRequests) {
      const rate = this.#window.faultRate;
      if (rate >= options.errorRate) {
        this.#eject(`${Math.round(rate * 100)} % of ${this.#window.total} requests failed`);
      }
    }
  }

  #eject(reason: string): void {
    if (!this.#group.hasRoom) return;
    const { baseMs, maxMs } = this.#group.options;
    const now = this.#group.now();
    // Good for as long as the longest ejection: what was before is forgiven.
    if (now - this.#until > maxMs) this.#times = 0;
    this.#until = now + Math.min(maxMs, baseMs * 2 ** Math.min(this.#times, 30));
    this.#times++;
    this.#total++;
    this.#ejected = true;
    this.#reason = reason;
    this.#inARow = 0;
    this.#window.clear();
    this.#onChange?.(true);
  }
}
