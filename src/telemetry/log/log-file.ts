import type { FileHandle } from "node:fs/promises";
import { open, rename, rm, stat } from "node:fs/promises";
import type { LogTarget } from "./log-target.ts";
import { writeAll, writeAllNow } from "./log-target.ts";

/** When a log file is renamed to `.1` (and `.1` to `.2` …) and begun anew. */
export interface RotateOptions {
  /** Before it grows over this many bytes. */
  readonly maxBytes?: number | undefined;
  /** At every such interval in UTC: a name, or seconds. */
  readonly interval?: "daily" | "hourly" | number | undefined;
  /** Rotated files that are kept; 7 unless given. */
  readonly keep?: number | undefined;
}

const NEWLINE = new Uint8Array([10]);

/** A log file that is appended to. Several processes may write and rotate the same one. */
export class LogFile implements LogTarget {
  readonly name: string;
  readonly #maxBytes: number;
  readonly #intervalMs: number;
  readonly #keep: number;
  readonly #now: () => number;
  #file: FileHandle | undefined;
  #size = 0;
  #period = 0;
  /** A write failed in the middle of a line. */
  #torn = false;

  constructor(path: string, rotate: RotateOptions = {}, now: () => number = Date.now) {
    this.name = path;
    this.#maxBytes = rotate.maxBytes || Infinity;
    this.#intervalMs = intervalSeconds(rotate.interval) * 1000;
    this.#keep = Math.max(1, rotate.keep ?? 7);
    this.#now = now;
  }

  async write(bytes: Uint8Array): Promise<void> {
    let file = this.#file ?? (await this.#open());
    if (await this.#due(file, bytes.length)) file = await this.#rotate(file);
    if (this.#torn) {
      const { error } = await writeAll(file.fd, NEWLINE);
      if (error !== undefined) throw error;
      this.#torn = false;
    }
    const { written, error } = await writeAll(file.fd, bytes);
    this.#size += written;
    if (error === undefined) return;
    this.#torn = written > 0;
    throw error;
  }

  writeNow(bytes: Uint8Array): void {
    if (this.#file !== undefined) writeAllNow(this.#file.fd, bytes);
  }

  async reopen(): Promise<void> {
    await this.close();
    await this.#open();
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  async #open(): Promise<FileHandle> {
    // Logs tell of people: not for everybody to read.
    const file = await open(this.name, "a", 0o640);
    this.#file = file;
    const { size, mtimeMs } = await file.stat();
    this.#size = size;
    // A file left by an earlier run belongs to the period of its last line.
    this.#period = this.#periodOf(size > 0 ? mtimeMs : this.#now());
    return file;
  }

  #periodOf(time: number): number {
    return this.#intervalMs === 0 ? 0 : Math.floor(time / this.#intervalMs);
  }

  async #due(file: FileHandle, more: number): Promise<boolean> {
    if (this.#intervalMs > 0 && this.#periodOf(this.#now()) !== this.#period) return true;
    if (this.#maxBytes === Infinity) return false;
    // Asked of the system, because other workers append to the same file.
    this.#size = (await file.stat()).size;
    return this.#size > 0 && this.#size + more > this.#maxBytes;
  }

  async #rotate(file: FileHandle): Promise<FileHandle> {
    const [mine, named] = await Promise.all([file.stat(), stat(this.name).catch(() => undefined)]);
    // Another process, or logrotate, may have been faster.
    const still = named !== undefined && named.ino === mine.ino && named.dev === mine.dev;
    if (still && mine.size > 0) {
      await rm(`${this.name}.${this.#keep}`, { force: true });
      for (let number = this.#keep - 1; number >= 1; number--) {
        await renameIfThere(`${this.name}.${number}`, `${this.name}.${number + 1}`);
      }
      await renameIfThere(this.name, `${this.name}.1`);
    }
    await this.close();
    const fresh = await this.#open();
    this.#period = this.#periodOf(this.#now());
    return fresh;
  }
}

function intervalSeconds(interval: RotateOptions["interval"]): number {
  if (interval === "daily") return 86_400;
  if (interval === "hourly") return 3_600;
  return interval ?? 0;
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOENT") throw error;
  }
}
