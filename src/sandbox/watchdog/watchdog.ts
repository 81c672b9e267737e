import type { Worker } from "node:worker_threads";
import { measureClock } from "./measure-clock.ts";
import { createControl, SIGNAL } from "./deadline-slot.ts";
import { startThread } from "../../runtime/inner-program.ts";

export type WatchdogOrder =
  | { readonly type: "clock" }
  | {
      readonly type: "start";
      readonly control: SharedArrayBuffer;
      /** Counts orders, `clock` excepted, so that the thread knows when to look for one. */
      readonly orders: SharedArrayBuffer;
      readonly offset: number;
    }
  | { readonly type: "add"; readonly id: number; readonly cell: WebAssembly.Memory }
  | { readonly type: "remove"; readonly id: number }
  | { readonly type: "stop" };

/**
 * The one thread that watches over all deadlines of this process. Started with the first sandbox that needs it,
 * ended with the last.
 */
export class Watchdog {
  static #shared: Promise<Watchdog> | undefined;
  static #users = 0;

  readonly control: SharedArrayBuffer = createControl();
  readonly #orders = new Int32Array(new SharedArrayBuffer(4));
  readonly #thread: Worker;
  #next = 1;

  private constructor(thread: Worker) {
    this.#thread = thread;
  }

  /** The watchdog, for one more user, who calls {@link release} in the end. */
  static acquire(): Promise<Watchdog> {
    Watchdog.#users++;
    return (Watchdog.#shared ??= Watchdog.#start().catch((error: unknown) => {
      Watchdog.#users = 0;
      Watchdog.#shared = undefined;
      throw error;
    }));
  }

  static async #start(): Promise<Watchdog> {
    const thread = startThread(import.meta.url, "watchdog-thread");
    // No reason for the process to stay.
    thread.unref();
    const watchdog = new Watchdog(thread);
    const offset = await measureClock(thread, { type: "clock" } satisfies WatchdogOrder);
    const orders = watchdog.#orders.buffer as SharedArrayBuffer;
    watchdog.#send({ type: "start", control: watchdog.control, orders, offset });
    return watchdog;
  }

  release(): void {
    if (--Watchdog.#users > 0) return;
    Watchdog.#shared = undefined;
    this.#send({ type: "stop" });
  }

  /** Watches over a slot. @returns what undoes it */
  add(cell: WebAssembly.Memory): () => void {
    const id = this.#next++;
    this.#send({ type: "add", id, cell });
    return () => this.#send({ type: "remove", id });
  }

  #send(order: WatchdogOrder): void {
    this.#thread.postMessage(order);
    Atomics.add(this.#orders, 0, 1);
    const signal = new Int32Array(this.control);
    Atomics.add(signal, SIGNAL, 1);
    Atomics.notify(signal, SIGNAL);
  }
}
