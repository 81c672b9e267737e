import type { Supervision } from "../guest/supervision.ts";

/** Byte 0 of a slot's page: the stop cell. Byte 8: when the guest must stop, on the watchdog's clock. */
const CELL = 0;
const DEADLINE = 1;
/** In the control block: counts what wakes the watchdog; until when it sleeps. */
export const SIGNAL = 0;
export const WAKES_AT = 1;

const MAX_SEQUENCE = 0x3fffffff;

/** A new control block, shared by the watchdog and all slots. */
export function createControl(): SharedArrayBuffer {
  return new SharedArrayBuffer(16);
}

/** The page that the guests of one thread and the watchdog share. */
export function createSlotMemory(): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
}

/**
 * The deadline of what one thread runs. The stop cell is 0 while nothing runs, the number of the call while one
 * does, and that number made negative once the watchdog has stopped it. Since each call has another number, a
 * watchdog that comes late cannot stop the next one.
 */
export class DeadlineSlot implements Supervision {
  readonly cell: WebAssembly.Memory;
  /** Milliseconds the guest has run in this call, up to its last pause or its end. */
  ranMs = 0;
  readonly #cell: Int32Array;
  readonly #deadline: Float64Array;
  readonly #signal: Int32Array;
  readonly #wakesAt: Float64Array;
  readonly #offset: number;
  #sequence = 0;
  #cpuMs = 0;
  #callDeadline = 0;
  #since = 0;

  /** @param offset what must be added to this thread's `performance.now()` for the clock all share */
  constructor(cell: WebAssembly.Memory, control: SharedArrayBuffer, offset: number) {
    this.cell = cell;
    this.#cell = new Int32Array(cell.buffer, 0, 4);
    this.#deadline = new Float64Array(cell.buffer, 0, 2);
    this.#signal = new Int32Array(control);
    this.#wakesAt = new Float64Array(control);
    this.#offset = offset;
  }

  now(): number {
    return performance.now() + this.#offset;
  }

  begin(cpuMs: number, deadline: number): void {
    this.ranMs = 0;
    this.#cpuMs = cpuMs;
    this.#callDeadline = deadline;
    this.#sequence = this.#sequence === MAX_SEQUENCE ? 1 : this.#sequence + 1;
    this.#arm();
  }

  pause(): void {
    this.ranMs += this.now() - this.#since;
    // Told to stop already: the cell stays as it is, for the guest to see.
    Atomics.compareExchange(this.#cell, CELL, this.#sequence, 0);
  }

  resume(): void {
    if (!this.stopped()) this.#arm();
    else this.#since = this.now();
  }

  stopped(): boolean {
    return Atomics.load(this.#cell, CELL) < 0;
  }

  end(): "cpuTimeout" | "callTimeout" | undefined {
    const now = this.now();
    this.ranMs += now - this.#since;
    const before = Atomics.exchange(this.#cell, CELL, 0);
    if (before >= 0) return undefined;
    return now >= this.#callDeadline ? "callTimeout" : "cpuTimeout";
  }

  #arm(): void {
    const now = this.now();
    this.#since = now;
    const deadline = Math.min(now + this.#cpuMs - this.ranMs, this.#callDeadline);
    this.#deadline[DEADLINE] = deadline;
    // The deadline is seen by whoever sees the number; and the watchdog looks at numbers only after it has said
    // when it wakes, so either it sees this one or it is woken.
    Atomics.exchange(this.#cell, CELL, this.#sequence);
    if (deadline < (this.#wakesAt[WAKES_AT] as number)) {
      Atomics.add(this.#signal, SIGNAL, 1);
      Atomics.notify(this.#signal, SIGNAL);
    }
  }
}

/**
 * The watchdog's look at one slot.
 * @returns when it must look again; Infinity when nothing runs
 */
export function watchSlot(cell: Int32Array, deadlines: Float64Array, now: number): number {
  const sequence = Atomics.load(cell, CELL);
  if (sequence <= 0) return Infinity;
  const deadline = deadlines[DEADLINE] as number;
  if (deadline > now) return deadline;
  // Fails when that call has ended by now. The next one, if it has begun, has made itself known.
  Atomics.compareExchange(cell, CELL, sequence, -sequence);
  return Infinity;
}
