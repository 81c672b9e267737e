import type { Clock, Schedule } from "../clock.ts";
import type { Discovered, DiscoverySource } from "./discovery-source.ts";

/** `waiting` for a first answer; `ok`; `failing`: the source cannot be asked, and what is known stays. */
export type DiscoveryState = "waiting" | "ok" | "failing";

/** What is told of a discovery as it happens. */
export interface DiscoveryObserver {
  /** The source has answered. @throws where nothing of it can be used: the source then counts as failing */
  found(backends: Discovered): void;
  /** It cannot be asked. Not told again while it goes on for the same reason. */
  failed(reason: string): void;
  /** It answers again. */
  recovered(): void;
}

/** After a failure: about this long, each time in a row twice as long. */
const FIRST_MS = 500;
const LONGEST_MS = 30_000;
/** An answer that held for this long was no accident between two failures. */
const SETTLED_MS = 30_000;

/** Keeps asking a source, patiently where it fails. */
export class Discovery {
  readonly name: string;
  /** Answers that were taken, and times the source failed. */
  updates = 0;
  failures = 0;
  #state: DiscoveryState = "waiting";
  #reason: string | undefined;
  readonly #source: DiscoverySource;
  readonly #observer: DiscoveryObserver;
  readonly #now: Clock;
  readonly #schedule: Schedule;
  readonly #random: () => number;
  readonly #first = Promise.withResolvers<void>();
  #running: AbortController | undefined;
  #inARow = 0;
  #pausedAt = -Infinity;

  /** @param random 0 ≤ random() < 1 */
  constructor(
    source: DiscoverySource,
    observer: DiscoveryObserver,
    now: Clock,
    schedule: Schedule,
    random: () => number = Math.random,
  ) {
    this.name = source.name;
    this.#source = source;
    this.#observer = observer;
    this.#now = now;
    this.#schedule = schedule;
    this.#random = random;
  }

  get state(): DiscoveryState {
    return this.#state;
  }

  /** Why it is failing. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** Settles with the first answer, or with a first failure. */
  get first(): Promise<void> {
    return this.#first.promise;
  }

  start(): void {
    if (this.#running !== undefined) return;
    this.#running = new AbortController();
    void this.#run(this.#running.signal);
  }

  stop(): void {
    this.#running?.abort(new Error("the discovery was stopped"));
    this.#running = undefined;
    this.#first.resolve();
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const answer of this.#source.watch(signal)) {
          if (signal.aborted) return;
          if (answer instanceof Error) this.#noteFailure(answer);
          else this.#take(answer);
        }
        return;
      } catch (error) {
        if (signal.aborted) return;
        this.#noteFailure(error);
        await this.#pause(signal);
      }
    }
  }

  #take(backends: Discovered): void {
    try {
      this.#observer.found(backends);
    } catch (error) {
      // The source itself is well, and goes on.
      this.#noteFailure(error);
      return;
    }
    const wasFailing = this.#state === "failing";
    this.updates++;
    this.#state = "ok";
    this.#reason = undefined;
    if (wasFailing) this.#observer.recovered();
    this.#first.resolve();
  }

  #noteFailure(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    const isNews = this.#state !== "failing" || this.#reason !== reason;
    this.failures++;
    this.#state = "failing";
    this.#reason = reason;
    if (isNews) this.#observer.failed(reason);
    this.#first.resolve();
  }

  #pause(signal: AbortSignal): Promise<void> {
    const now = this.#now();
    this.#inARow = now - this.#pausedAt > SETTLED_MS + LONGEST_MS ? 1 : this.#inARow + 1;
    this.#pausedAt = now;
    const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(this.#inARow - 1, 30));
    return new Promise((resolve) => {
      const stop = (): void => {
        cancel();
        signal.removeEventListener("abort", stop);
        resolve();
      };
      // Half of it by chance, so that many gateways do not return together.
      const cancel = this.#schedule(stop, most * (0.5 + this.#random() / 2));
      signal.addEventListener("abort", stop, { once: true });
    });
  }
}
