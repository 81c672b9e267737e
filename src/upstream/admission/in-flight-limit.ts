import type { Clock, Schedule } from "../clock.ts";
import { UpstreamFault } from "../fault.ts";

export interface InFlightOptions {
  /** Requests under way at a time. 0 = no limit. */
  readonly max: number;
  /** Requests that may wait for a place. 0 = none: what finds no place is refused. */
  readonly queue: number;
  /** How long one may wait. 0 = no limit. */
  readonly queueMs: number;
}

/** Of each duration, what the estimate takes over. */
const SMOOTHING = 0.1;
const MOST_RETRY_AFTER = 60;

/** A request that waits for a place. */
export interface Waiting {
  /** Gives the place in the queue up; nothing is told of it any more. Harmless later. */
  cancel(): void;
}

interface Entry extends Waiting {
  run: (() => void) | undefined;
  refuse: (fault: UpstreamFault) => void;
  stopTimer: (() => void) | undefined;
}

/**
 * Lets only so many requests through at a time; some more wait their turn, first come, first served. Everyone
 * else is told at once, and when to come back.
 *
 * What was let through calls {@link InFlightLimit.leave} exactly once.
 */
export class InFlightLimit {
  readonly #options: InFlightOptions;
  readonly #now: Clock;
  readonly #schedule: Schedule;
  #inFlight = 0;
  /** Cancelled entries stay until their turn, without counting. */
  #queue: (Entry | undefined)[] = [];
  #head = 0;
  #queued = 0;
  #refused = 0;
  /** Milliseconds between places that come free, smoothed; 0 as long as nothing is known. */
  #pace = 0;
  #lastFree = 0;

  constructor(options: InFlightOptions, now: Clock, schedule: Schedule) {
    this.#options = options;
    this.#now = now;
    this.#schedule = schedule;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get queued(): number {
    return this.#queued;
  }

  /** Requests that were turned away since the start. */
  get refused(): number {
    return this.#refused;
  }

  /** Takes a place if one is free and nobody waits for it. */
  tryEnter(): boolean {
    const { max } = this.#options;
    if (max > 0 && (this.#inFlight >= max || this.#queued > 0)) return false;
    this.#inFlight++;
    return true;
  }

  /**
   * Waits for a place, after `tryEnter` was false.
   * @param run called with a place taken; never before this returns
   * @param refuse called with a fault of code `overloaded` when it waited too long
   * @throws UpstreamFault `overloaded` when the queue is full
   */
  wait(run: () => void, refuse: (fault: UpstreamFault) => void): Waiting {
    const { queue, queueMs } = this.#options;
    if (this.#queued >= queue) {
      throw this.#fault(
        queue === 0
          ? `${this.#inFlight} requests are under way`
          : `${this.#inFlight} requests are under way and ${this.#queued} wait`,
      );
    }
    const entry: Entry = {
      run,
      refuse,
      stopTimer: undefined,
      cancel: () => void this.#drop(entry),
    };
    if (queueMs > 0) {
      entry.stopTimer = this.#schedule(() => {
        if (this.#drop(entry)) entry.refuse(this.#fault(`no place came free in ${queueMs} ms`));
      }, queueMs);
    }
    if (this.#queued === 0) this.#lastFree = this.#now();
    this.#queue.push(entry);
    this.#queued++;
    return entry;
  }

  /** A request that was let through has ended. Its place goes to the next that waits. */
  leave(): void {
    const entry = this.#shift();
    if (entry === undefined) {
      this.#inFlight--;
      return;
    }
    this.#notePace();
    const { run } = entry;
    this.#close(entry);
    run?.();
  }

  /** Seconds after which a place is likely: for `Retry-After`. 1 to 60. */
  get retryAfterSecs(): number {
    const seconds = Math.ceil((this.#pace * (this.#queued + 1)) / 1_000);
    return Math.min(MOST_RETRY_AFTER, Math.max(1, seconds));
  }

  #shift(): Entry | undefined {
    while (this.#head < this.#queue.length) {
      const entry = this.#queue[this.#head] as Entry;
      this.#queue[this.#head++] = undefined;
      // Entries are moved up once half of the list is used up, so that it stays as long as the queue.
      if (this.#head * 2 >= this.#queue.length) {
        this.#queue = this.#queue.slice(this.#head);
        this.#head = 0;
      }
      if (entry.run !== undefined) return entry;
    }
    return undefined;
  }

  #drop(entry: Entry): boolean {
    if (entry.run === undefined) return false;
    this.#close(entry);
    this.#sweep();
    return true;
  }

  /** Those that gave up are taken out when they are most of the list: nobody may fill memory by coming and going. */
  #sweep(): void {
    if (this.#queue.length < 32 || this.#queue.length < this.#queued * 2) return;
    this.#queue = this.#queue.filter((entry) => entry?.run !== undefined);
    this.#head = 0;
  }

  #close(entry: Entry): void {
    entry.stopTimer?.();
    entry.run = undefined;
    this.#queued--;
  }

  #notePace(): void {
    const now = this.#now();
    const passed = now - this.#lastFree;
    this.#lastFree = now;
    this.#pace = this.#pace === 0 ? passed : this.#pace + (passed - this.#pace) * SMOOTHING;
  }

  #fault(why: string): UpstreamFault {
    this.#refused++;
    return new UpstreamFault("overloaded", `the upstream is busy: ${why}`, "nothing");
  }
}
