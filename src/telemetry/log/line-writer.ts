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
  readonly buffer: Buffer;
  /** Bytes of it that are to be written. */
  readonly length: number;
  readonly lines: number;
}

const REOPEN: Batch = { buffer: Buffer.alloc(0), length: 0, lines: 0 };

/**
 * Characters after which lines become bytes. A joined string is a tree of its parts: turning a large one into
 * bytes long after its parts were made costs more than all else about a line, as they have left the caches.
 */
const SPILL = 2048;

/**
 * Gathers lines and writes them in batches, one write at a time, off the thread that serves. Nobody waits for
 * it: when its target is slower than the lines come, or fails, lines are dropped and counted.
 */
export class LineWriter {
  readonly #target: LogTarget;
  readonly #maxHeld: number;
  readonly #batch: number;
  readonly #spillAt: number;
  readonly #delayMs: number;
  readonly #settleMs: number;
  readonly #closeMs: number;
  readonly #report: (message: string) => void;
  readonly #queue: Batch[] = [];
  #text = "";
  #lines = 0;
  #buffer: Buffer;
  /** Bytes of `#buffer` that are filled. */
  #filled = 0;
  /** A buffer to use again. */
  #spare: Buffer | undefined;
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
    this.#batch = options.batch ?? 64 << 10;
    this.#spillAt = Math.min(SPILL, this.#batch);
    this.#delayMs = options.delayMs ?? 100;
    this.#settleMs = options.settleMs ?? 5_000;
    this.#closeMs = options.closeMs ?? 2_000;
    this.#report = options.report;
    this.#buffer = this.#newBuffer();
  }

  /** Lines that were lost since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes a line, with its newline. */
  write(line: string): void {
    const held = this.#queued + this.#filled + this.#text.length + line.length;
    if (held > this.#maxHeld || this.#closed) {
      this.#overflow();
      return;
    }
    this.#text += line;
    this.#lines++;
    if (this.#text.length >= this.#spillAt) this.#spill();
    if (this.#filled >= this.#batch) this.#cut();
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
    const waited = await within(flushed, this.#closeMs);
    if (this.#trouble !== undefined) this.#recovered(this.#trouble);
    // A write that hangs still uses the descriptor: closing it would let another file have its number.
    if (waited) await this.#target.close().catch(() => {});
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
    this.#spill();
    this.#queue.push({ buffer: this.#buffer, length: this.#filled, lines: this.#lines });
    this.#queued += this.#filled;
    this.#buffer = this.#spare ?? this.#newBuffer();
    this.#spare = undefined;
    this.#filled = 0;
    this.#lines = 0;
    this.#start();
  }

  #newBuffer(): Buffer {
    // A whole batch, and the lines that overfill it.
    return Buffer.allocUnsafeSlow(this.#batch + 4 * SPILL);
  }

  /** Turns the lines since the last time into bytes. */
  #spill(): void {
    const text = this.#text;
    this.#text = "";
    // Of UTF-8, three bytes at most for each code unit.
    const needed = this.#filled + 3 * text.length;
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(needed);
      larger.set(this.#buffer.subarray(0, this.#filled));
      this.#buffer = larger;
    }
    this.#filled += this.#buffer.write(text, this.#filled);
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
        else await this.#target.write(batch.buffer.subarray(0, batch.length));
        this.#failing = false;
      } catch (error) {
        this.#failed(error, batch.lines);
      }
      this.#queued -= batch.length;
      if (batch !== REOPEN) this.#spare = batch.buffer;
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
