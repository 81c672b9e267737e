import { fstatSync, write, writeSync } from "node:fs";
import { waitWritable } from "../../runtime/libc.ts";

/** Where the lines of a log go. Calls never overlap: a {@link LineWriter} makes them in turn. */
export interface LogTarget {
  /** For messages: a path, `stdout`, `stderr`. */
  readonly name: string;
  /** Writes all of it. Rejects with the system's error. */
  write(bytes: Uint8Array): Promise<void>;
  /** Writes what it can at once, when the process is about to end and nothing asynchronous would happen. */
  writeNow?(bytes: Uint8Array): void;
  /** Opens anew after somebody else moved the file. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

/** How long to wait where a descriptor that does not block takes nothing more. */
const RETRY_MS = 10;

/**
 * Writes all bytes, off the thread that serves.
 * @returns how many bytes were written before `error`, if there was one
 */
export async function writeAll(
  fd: number,
  bytes: Uint8Array,
): Promise<{ written: number; error?: Error }> {
  let written = 0;
  while (written < bytes.length) {
    const result = await writeSome(fd, bytes, written);
    if (typeof result === "number") written += result;
    else if ((result as { code?: string }).code !== "EAGAIN") return { written, error: result };
    else await new Promise<void>((resolve) => setTimeout(resolve, RETRY_MS).unref());
  }
  return { written };
}

function writeSome(fd: number, bytes: Uint8Array, from: number): Promise<number | Error> {
  return new Promise((resolve) => {
    write(fd, bytes, from, bytes.length - from, null, (error, count) => resolve(error ?? count));
  });
}

/** What a pipe takes without waiting once it says that it can (PIPE_BUF of Linux). */
const PIPE_BYTES = 4096;

/**
 * Writes at once, for the end of a process. A reader that does not read must not keep it from ending.
 * @throws the system's error
 */
export function writeAllNow(fd: number, bytes: Uint8Array): void {
  const stats = fstatSync(fd);
  const mayWait = stats.isFIFO() || stats.isSocket();
  const most = mayWait ? PIPE_BYTES : bytes.length;
  for (let at = 0; at < bytes.length;) {
    if (mayWait && !waitWritable(fd, RETRY_MS)) return;
    at += writeSync(fd, bytes, at, Math.min(most, bytes.length - at));
  }
}

/** A descriptor that is open already: standard output or standard error. */
export class DescriptorTarget implements LogTarget {
  readonly name: string;
  readonly #fd: number;

  constructor(name: string, fd: number) {
    this.name = name;
    this.#fd = fd;
  }

  async write(bytes: Uint8Array): Promise<void> {
    const { error } = await writeAll(this.#fd, bytes);
    if (error !== undefined) throw error;
  }

  writeNow(bytes: Uint8Array): void {
    writeAllNow(this.#fd, bytes);
  }

  async reopen(): Promise<void> {}
  async close(): Promise<void> {}
}

export function standardTarget(name: "stdout" | "stderr"): LogTarget {
  return new DescriptorTarget(name, name === "stdout" ? 1 : 2);
}
