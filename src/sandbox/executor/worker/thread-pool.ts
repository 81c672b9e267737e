import { availableParallelism } from "node:os";
import { SandboxTimeout, SandboxTrap } from "../../errors.ts";
import { failedOutcome } from "../../guest/guest-call.ts";
import { Watchdog } from "../../watchdog/watchdog.ts";
import { GuestThreadHandle } from "./guest-thread-handle.ts";

/** Threads that are started when there is work for them. */
const USUAL_THREADS = Math.max(2, availableParallelism());
/** When threads are held by guests that take long, further ones are started for the others, up to so many. */
const MOST_THREADS = Math.max(16, USUAL_THREADS * 2);
/** A thread that has said nothing for so long is held by one guest, in milliseconds. */
const HELD_MS = 10;
const SWEEP_MS = 10;
/** How far beyond its deadline a call that has begun may be before its thread is given up. */
const GIVE_UP_MS = 10_000;
/** How far beyond it a call that has not begun is. */
const LATE_MS = 5;
/** Further threads go when they have had nothing to do for so long. */
const IDLE_MS = 5_000;

/**
 * The threads that run the guests of all sandboxes of this process. Sandboxes cost no thread each: a thousand that are
 * idle cost what their memories cost.
 */
export class ThreadPool {
  static #shared: Promise<ThreadPool> | undefined;
  static #users = 0;

  readonly #watchdog: Watchdog;
  readonly #threads = new Set<GuestThreadHandle>();
  #sweeping: ReturnType<typeof setInterval> | undefined;

  private constructor(watchdog: Watchdog) {
    this.#watchdog = watchdog;
  }

  /** The pool, for one more user, who calls {@link release} in the end. */
  static acquire(): Promise<ThreadPool> {
    ThreadPool.#users++;
    return (ThreadPool.#shared ??= Watchdog.acquire().then(
      (watchdog) => new ThreadPool(watchdog),
      (error: unknown) => {
        ThreadPool.#users = 0;
        ThreadPool.#shared = undefined;
        throw error;
      },
    ));
  }

  release(): void {
    if (--ThreadPool.#users > 0) return;
    ThreadPool.#shared = undefined;
    for (const thread of this.#threads) thread.stop();
    this.#threads.clear();
    clearInterval(this.#sweeping);
    this.#sweeping = undefined;
    this.#watchdog.release();
  }

  /** Threads there are. */
  get size(): number {
    return this.#threads.size;
  }

  /** Starts sweeping, if need be, as there is work now. */
  busy(): void {
    this.#sweeping ??= setInterval(this.#sweep, SWEEP_MS);
  }

  /**
   * A thread for a lane that has nothing under way.
   * @param last where it was before, and its sandbox is warm
   */
  pick(last: GuestThreadHandle | undefined): GuestThreadHandle {
    if (last !== undefined && !last.gone && last.load === 0) return last;
    const now = performance.now();
    let best: GuestThreadHandle | undefined;
    let free = 0;
    for (const thread of this.#threads) {
      if (thread.load === 0) return thread;
      if (isHeld(thread, now)) continue;
      free++;
      if (best === undefined || thread.load < best.load) best = thread;
    }
    if (free < USUAL_THREADS && this.#threads.size < MOST_THREADS) return this.#start();
    if (best !== undefined) return best;
    // All are held: behind the one with the fewest calls.
    for (const thread of this.#threads) {
      if (best === undefined || thread.load < best.load) best = thread;
    }
    return best ?? this.#start();
  }

  #start(): GuestThreadHandle {
    const thread = new GuestThreadHandle(this.#watchdog, (gone) => this.#threads.delete(gone));
    this.#threads.add(thread);
    return thread;
  }

  readonly #sweep = (): void => {
    const now = performance.now();
    let working = false;
    for (const thread of this.#threads) {
      if (thread.load > 0) {
        working = true;
        this.#look(thread, now);
      } else if (
        thread.pins === 0 &&
        now - thread.lastSign > IDLE_MS &&
        this.#threads.size > USUAL_THREADS
      ) {
        this.#threads.delete(thread);
        thread.stop();
      }
    }
    if (working || this.#threads.size > USUAL_THREADS) return;
    clearInterval(this.#sweeping);
    this.#sweeping = undefined;
  };

  #look(thread: GuestThreadHandle, now: number): void {
    const [running] = thread.calls();
    if (running === undefined) return;
    if (now > running.call.deadline + GIVE_UP_MS) {
      // Cannot be, as far as is known: the guest does not stop. At least nobody shall wait for it.
      thread.abandon(
        new SandboxTrap("the guest did not stop when it was told to; its thread was given up"),
      );
      return;
    }
    for (const late of thread.revoke(({ call }) => now > call.deadline + LATE_MS)) {
      late.settle(failedOutcome(new SandboxTimeout("callTimeout", late.call.callMs)));
    }
    if (!isHeld(thread, now)) return;
    // What waits behind a guest of another lane is moved; the order within a lane stays.
    for (const moved of thread.revoke(
      ({ lane, call }) => lane !== running.lane && call.session === 0,
    )) {
      moved.move(thread);
    }
  }
}

function isHeld(thread: GuestThreadHandle, now: number): boolean {
  return thread.load > 0 && now - thread.lastSign > HELD_MS;
}
