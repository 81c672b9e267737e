import { write } from "node:fs";

/** Where the lines of a log go. Calls never overlap: a {@link LineWriter} makes them in turn. */
export interface LogTarget {
  /** For messages: a path, `stdout`, `stderr`. */
  readonly name: string;
  /** Writes all of it. Rejects with the system's error. */
  write(bytes: Uint8Array): Promise<void>;
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

  async reopen(): Promise<void> {}
  async close(): Promise<void> {}
}

export function standardTarget(name: "stdout" | "stderr"): LogTarget {
  return new DescriptorTarget(name, name === "stdout" ? 1 : 2);
}
