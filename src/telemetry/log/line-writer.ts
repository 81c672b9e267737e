import { atExit } from "./at-exit.ts";
import { LineBuffer } from "./line-buffer.ts";
import type { LogTarget } from "./log-target.ts";

export interface LineWriterOptions {
  /** Bytes held in all before lines are dropped. */
  readonly maxHeld?: number;
  /** Bytes after which a batch is written. */
  readonly batch?: number;
  /** Milliseconds after which a batch is written however small it is. */
  readonly delayMs?: number;
  /** Milliseconds that a trouble lasts at least before its end is reported. */
  readonly settleMs?: number;
  /** Milliseconds `close` waits for a target that takes nothing. */
  readonly closeMs?: number;
  /** Told once when a trouble begins and once when it has ended. */
  readonly report: (message: string) => void;
}

interface Batch {
  readonly bytes: Uint8Array;
  /** Bytes of it that are to be written. */
  readonly length: number;
  readonly lines: number;
}

const REOPEN: Batch = { bytes: new Uint8Array(0), length: 0, lines: 0 };

/** A batch ends behind the line that overfills it. */
const SLACK = 8 << 10;

/**
 * Gathers lines and writes them in batches, one write at a time, off the thread that serves. Nobody waits for
 * it: when its target is slower than the lines come, or fails, lines are dropped and counted.
 */
export class LineWriter {
  readonly #target: LogTarget;
  readonly #maxHeld: number;
  readonly #batch: number;
  readonly #delayMs: number;
  readonly #settleMs: number;
  readonly #closeMs: number;
  readonly #report: (message: string) => void;
  readonly #queue: Batch[] = [];
  readonly #line: LineBuffer;
  /** How many bytes of `#line` are whole lines, and how many lines these are. */
  #filled = 0;
  #lines = 0;
  /** A buffer to use again. */
  #spare: Uint8Array | undefined;
  /** Bytes in the queue and in the write under way. */
  #queued = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pump: Promise<void> | undefined;
  #closed = false;
  #dropped = 0;
  /** Since when lines are lost, and how many have been. */
  #trouble: { since: number; lost: number } | undefined;
  /** The last thing the target did was to fail. */
  #failing = false;

  constructor(target: LogTarget, options: LineWriterOptions) {
    this.#target = target;
    this.#maxHeld = options.maxHeld ?? 4 << 20;
    this.#batch = options.batch ?? 256 << 10;
    this.#delayMs = options.delayMs ?? 100;
    this.#settleMs = options.settleMs ?? 5_000;
    this.#closeMs = options.closeMs ?? 2_000;
    this.#report = options.report;
    this.#line = new LineBuffer(this.#batch + SLACK);
    atExit.add(this);
  }

  /** Lines that were lost since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes a line, with its newline. */
  write(line: string): void {
    this.begin().text(line);
    this.end();
  }

  /** Where the bytes of a line go, its newline last; {@link end} then takes it. */
  begin(): LineBuffer {
    this.#line.length = this.#filled;
    return this.#line;
  }

  /** Takes the line that was written since {@link begin}. */
  end(): void {
    const filled = this.#line.length;
    if (this.#queued + filled > this.#maxHeld || this.#closed) {
      this.#line.length = this.#filled;
      this.#overflow();
      return;
    }
    this.#filled = filled;
    this.#lines++;
    if (filled >= this.#batch) this.#cut();
    else if (this.#timer === undefined) this.#wait();
  }

  /** Opens the target anew, after the lines that came before. */
  reopen(): void {
    if (this.#closed) return;
    this.#cut();
    this.#queue.push(REOPEN);
    this.#start();
  }

  /** Resolves when every line so far was written or lost. */
  flush(): Promise<void> {
    this.#cut();
    return this.#pump ?? Promise.resolve();
  }

  /** Writes what is left, for a bounded time, and closes the target. Lines that come later are lost. */
  async close(): Promise<void> {
    if (this.#closed) return;
    const flushed = this.flush();
    this.#closed = true;
    atExit.delete(this);
    const waited = await within(flushed, this.#closeMs);
    if (this.#trouble !== undefined) this.#recovered(this.#trouble);
    // A write that hangs still uses the descriptor: closing it would let another file have its number.
    if (waited) await this.#target.close().catch(() => {});
  }

  get underWay(): boolean {
    return this.#pump !== undefined;
  }

  /** Writes what is left before the process ends, which waits for nothing that is asynchronous. */
  writeNow(): void {
    const batches = this.#queue.splice(0);
    batches.push({ bytes: this.#line.bytes, length: this.#filled, lines: this.#lines });
    this.#filled = 0;
    this.#lines = 0;
    for (const { bytes, length } of batches) this.#target.writeNow?.(bytes.subarray(0, length));
  }

  #wait(): void {
    this.#timer = setTimeout(() => this.#cut(), this.#delayMs);
    this.#timer.unref();
  }

  #cut(): void {
    if (this.#timer !== undefined) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    if (this.#lines === 0) return;
    const line = this.#line;
    this.#queue.push({ bytes: line.bytes, length: this.#filled, lines: this.#lines });
    this.#queued += this.#filled;
    line.bytes = this.#spare ?? Buffer.allocUnsafeSlow(this.#batch + SLACK);
    line.length = 0;
    this.#spare = undefined;
    this.#filled = 0;
    this.#lines = 0;
    this.#start();
  }

  #start(): void {
    this.#pump ??= this.#run().then(() => {
      this.#pump = undefined;
    });
  }

  async #run(): Promise<void> {
    for (let batch = this.#queue.shift(); batch !== undefined; batch = this.#queue.shift()) {
      try {
        if (batch === REOPEN) await this.#target.reopen();
        else await this.#target.write(batch.bytes.subarray(0, batch.length));
        this.#failing = false;
      } catch (error) {
        this.#failed(error, batch.lines);
      }
      this.#queued -= batch.length;
      // A very long line has made it grow: not to be kept.
      if (batch.bytes.length === this.#batch + SLACK) this.#spare = batch.bytes;
    }
    const trouble = this.#trouble;
    if (trouble === undefined || this.#failing) return;
    // A trouble that comes and goes many times a second is one trouble.
    if (performance.now() - trouble.since >= this.#settleMs) this.#recovered(trouble);
  }

  #overflow(): void {
    this.#dropped++;
    if (this.#closed) return;
    if (this.#trouble === undefined) {
      this.#troubled(`${this.#target.name} takes lines slower than they come: lines are dropped`);
    }
    this.#trouble!.lost++;
  }

  #failed(error: unknown, lines: number): void {
    this.#failing = true;
    this.#dropped += lines;
    if (this.#trouble === undefined) {
      const { code } = error as { code?: string };
      const advice = ADVICE[code ?? ""] ?? "see that it can be written";
      const reason = error instanceof Error ? error.message : String(error);
      this.#troubled(
        `cannot write to ${this.#target.name}: ${reason}; ${advice}. Requests are served, their lines are lost`,
      );
    }
    this.#trouble!.lost += lines;
  }

  #troubled(message: string): void {
    this.#trouble = { since: performance.now(), lost: 0 };
    this.#report(message);
  }

  #recovered({ lost }: { lost: number }): void {
    this.#trouble = undefined;
    const state = this.#failing ? "could not be written to the end" : "is written again";
    this.#report(
      `${this.#target.name} ${state}: ${lost} ${lost === 1 ? "line was" : "lines were"} lost`,
    );
  }
}

const ADVICE: Record<string, string> = {
  EPIPE: "its reader has gone",
  ENOSPC: "the disk is full: free some space",
  EDQUOT: "the disk quota is used up",
  EACCES: "give the user of this process the right to write it",
  EPERM: "give the user of this process the right to write it",
  EROFS: "its file system is read-only: name a file elsewhere",
  ENOENT: "create its directory",
  ENOTDIR: "create its directory",
  EISDIR: "name a file in that directory",
};

/** @returns whether `promise` settled in time */
async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const settled = await Promise.race([promise.then(() => true as const), late]);
  clearTimeout(timer);
  return settled;
}
