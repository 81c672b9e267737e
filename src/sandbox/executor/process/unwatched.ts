import type { Supervision } from "../../guest/supervision.ts";
import { createSlotMemory } from "../../watchdog/deadline-slot.ts";

/** Supervision in a process that is killed when its time is over: it only measures. */
export class Unwatched implements Supervision {
  /** Never says that the guest shall stop. */
  readonly cell: WebAssembly.Memory = createSlotMemory();
  ranMs = 0;
  #since = 0;

  now(): number {
    return performance.now();
  }

  begin(): boolean {
    this.ranMs = 0;
    this.#since = this.now();
    return true;
  }

  pause(): void {
    this.ranMs += this.now() - this.#since;
  }

  resume(): void {
    this.#since = this.now();
  }

  stopped(): boolean {
    return false;
  }

  end(): undefined {
    this.pause();
    return undefined;
  }
}
