import { ownThreadClock, readThreadClock } from "../../runtime/thread-clock.ts";
import type { Supervision } from "../guest/supervision.ts";

/** Of a slot's page, as i32: the stop cell, and the number of the thread's clock. */
const CELL = 0;
const CLOCK = 1;
/** As f64: when the watchdog looks, what the thread's clock shows when the time is over, when it is over anyhow. */
const DEADLINE = 1;
const CPU_END = 2;
const LAST = 3;
const INTS = 2;
const FLOATS = 4;
/** In the control block: counts what wakes the watchdog; until when it sleeps. */
export const SIGNAL = 0;
export const WAKES_AT = 1;

const MAX_SEQUENCE = 0x3fffffff;
/** How old a look at the thread's clock may be when a guest begins, in milliseconds: looking takes a microsecond. */
const STALE_MS = 1;
/** A guest that waits for a processor gets this many times its limit by the clock on the wall. */
const WAIT_FACTOR = 5;

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
  readonly #floats: Float64Array;
  readonly #signal: Int32Array;
  readonly #wakesAt: Float64Array;
  readonly #offset: number;
  readonly #clock = ownThreadClock();
  /** The last look at the thread's clock, and when that was. */
  #cpu = 0;
  #cpuAt = -Infinity;
  #sequence = 0;
  #cpuMs = 0;
  #callDeadline = 0;
  #since = 0;
  /** Whether the call's deadline comes before the end of the guest's own time. */
  #callIsNearer = false;

  /** @param offset what must be added to this thread's `performance.now()` for the clock all share */
  constructor(cell: WebAssembly.Memory, control: SharedArrayBuffer, offset: number) {
    this.cell = cell;
    this.#cell = new Int32Array(cell.buffer, 0, INTS);
    this.#cell[CLOCK] = this.#clock;
    this.#floats = new Float64Array(cell.buffer, 0, FLOATS);
    this.#signal = new Int32Array(control);
    this.#wakesAt = new Float64Array(control);
    this.#offset = offset;
  }

  now(): number {
    return performance.now() + this.#offset;
  }

  begin(cpuMs: number, deadline: number): boolean {
    this.ranMs = 0;
    this.#cpuMs = cpuMs;
    this.#callDeadline = deadline;
    const now = this.now();
    if (now >= deadline) return false;
    this.#arm(now);
    return true;
  }

  pause(): void {
    this.ranMs += this.now() - this.#since;
    // Told to stop already: the cell stays as it is, for the guest to see.
    Atomics.compareExchange(this.#cell, CELL, this.#sequence, 0);
  }

  resume(): void {
    const now = this.now();
    if (!this.stopped()) this.#arm(now);
    else this.#since = now;
  }

  stopped(): boolean {
    return Atomics.load(this.#cell, CELL) < 0;
  }

  end(): "cpuTimeout" | "callTimeout" | undefined {
    const now = this.now();
    this.ranMs += now - this.#since;
    const before = Atomics.exchange(this.#cell, CELL, 0);
    if (before >= 0) return undefined;
    // The watchdog's clock may be a little ahead of this one.
    return this.#callIsNearer || now >= this.#callDeadline ? "callTimeout" : "cpuTimeout";
  }

  #arm(now: number): void {
    this.#since = now;
    this.#sequence = this.#sequence === MAX_SEQUENCE ? 1 : this.#sequence + 1;
    const left = Math.max(this.#cpuMs - this.ranMs, 0);
    this.#callIsNearer = this.#callDeadline <= now + left;
    const deadline = this.#callIsNearer ? this.#callDeadline : now + left;
    const floats = this.#floats;
    floats[DEADLINE] = deadline;
    if (this.#clock !== 0) {
      if (now - this.#cpuAt > STALE_MS) {
        this.#cpu = readThreadClock(this.#clock);
        this.#cpuAt = now;
      }
      // Since that look the thread may have had a processor all the time, for others than this guest.
      floats[CPU_END] = this.#cpu + (now - this.#cpuAt) + left;
      floats[LAST] = Math.min(now + left * WAIT_FACTOR, this.#callDeadline);
    }
    // What was written is seen by whoever sees the number; and the watchdog looks at numbers only after it has said
    // when it wakes, so either it sees this one or it is woken.
    Atomics.exchange(this.#cell, CELL, this.#sequence);
    if (deadline < (this.#wakesAt[WAKES_AT] as number)) {
      Atomics.add(this.#signal, SIGNAL, 1);
      Atomics.notify(this.#signal, SIGNAL);
    }
  }
}

/** The watchdog's view of a {@link DeadlineSlot}. */
export class WatchedSlot {
  readonly #cell: Int32Array;
  readonly #floats: Float64Array;
  /** The call that has not had a processor for all of its time, and when to look again. */
  #waiting = 0;
  #again = 0;

  constructor(buffer: ArrayBufferLike) {
    this.#cell = new Int32Array(buffer, 0, INTS);
    this.#floats = new Float64Array(buffer, 0, FLOATS);
  }

  /**
   * Stops what has had its time.
   * @returns when to look again; Infinity when nothing runs
   */
  look(now: number): number {
    const sequence = Atomics.load(this.#cell, CELL);
    if (sequence <= 0) return Infinity;
    const deadline = sequence === this.#waiting ? this.#again : (this.#floats[DEADLINE] as number);
    if (deadline > now) return deadline;
    const left = this.#cpuLeft(now);
    if (left > 0) {
      this.#waiting = sequence;
      return (this.#again = Math.min(now + left, this.#floats[LAST] as number));
    }
    // Fails when that call has ended by now. The next one, if it has begun, has made itself known.
    Atomics.compareExchange(this.#cell, CELL, sequence, -sequence);
    return Infinity;
  }

  /** How much of its time a guest has still to get from the processor, in milliseconds. */
  #cpuLeft(now: number): number {
    const clock = this.#cell[CLOCK] as number;
    if (clock === 0 || now >= (this.#floats[LAST] as number)) return 0;
    const left = (this.#floats[CPU_END] as number) - readThreadClock(clock);
    // Too little to sleep for; and NaN, of a thread that is gone.
    return left > 0.1 ? left : 0;
  }
}
