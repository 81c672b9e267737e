import fs from "node:fs";
import type { FileSlice, Source } from "../wire/source.ts";

/** Bytes read at a time. */
const LARGE = 256 * 1024;
/** And while very many files are being read. */
const SMALL = 64 * 1024;
/** How many large buffers may be out at once: what slow clients can pin (32 MiB). */
const MAX_OUT = 128;
/** How many are kept for the next file. */
const MAX_IDLE = 16;

const idle: Uint8Array[] = [];
let out = 0;

/**
 * A slice of an open file. It owns the descriptor and gives it back at the end, when cancelled and when reading
 * fails. One chunk is read ahead while another is being sent, unless very many files are under way.
 *
 * What is appended to the file meanwhile is not seen. A file that becomes shorter is an error, since the
 * promised bytes cannot be sent.
 */
export class FileSource implements Source {
  readonly size: number;
  readonly #slice: { fd: number; position: number; readonly end: number };
  #touched = false;
  /** Lent to the puller until its next pull. */
  #lent: Uint8Array | undefined;
  /** Read ahead. */
  #ready: Uint8Array | undefined;
  /** A read is under way, and its buffer is nobody else's. */
  #reading = false;
  #waiting:
    | { resolve: (chunk: Uint8Array | null) => void; reject: (error: unknown) => void }
    | undefined;
  #cancelled = false;
  #failure: unknown;
  readonly #closeFile: (fd: number) => void;

  /**
   * @param fd open for reading; taken over
   * @param start first byte
   * @param size how many bytes
   * @param close what gives the descriptor back, for one that others use too
   */
  constructor(fd: number, start: number, size: number, close: (fd: number) => void = fs.closeSync) {
    this.#slice = { fd, position: start, end: start + size };
    this.size = size;
    this.#closeFile = close;
  }

  get file(): FileSlice | undefined {
    return this.#touched ? undefined : this.#slice;
  }

  pull(): Uint8Array | null | Promise<Uint8Array | null> {
    this.#touched = true;
    this.#release();
    if (this.#failure !== undefined) throw this.#failure;
    const ready = this.#ready;
    if (ready !== undefined) {
      this.#ready = undefined;
      return this.#lend(ready);
    }
    if (!this.#reading) {
      if (this.#slice.position >= this.#slice.end || this.#cancelled) {
        this.#close();
        return null;
      }
      this.#read();
    }
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  cancel(): void {
    this.#cancelled = true;
    this.#release();
    if (this.#ready !== undefined) giveBack(this.#ready);
    this.#ready = undefined;
    // A read under way closes when it ends: its descriptor must not become another file's.
    if (!this.#reading) this.#close();
  }

  #lend(chunk: Uint8Array): Uint8Array {
    this.#lent = chunk;
    if (this.#slice.position >= this.#slice.end) this.#close();
    else if (out < MAX_OUT) this.#read();
    return chunk;
  }

  #read(): void {
    const at = this.#slice.position;
    const buffer = take();
    const length = Math.min(buffer.byteLength, this.#slice.end - at);
    this.#slice.position = at + length;
    this.#reading = true;
    const step = (filled: number): void => {
      fs.read(this.#slice.fd, buffer, filled, length - filled, at + filled, (error, count) => {
        if (error === null && count > 0 && filled + count < length && !this.#cancelled) {
          return step(filled + count);
        }
        this.#reading = false;
        if (error !== null) return this.#fail(buffer, error);
        if (count > 0) return this.#arrived(buffer.subarray(0, length));
        const problem = `the file was truncated to ${at + filled} bytes while it was served`;
        this.#fail(buffer, new Error(problem));
      });
    };
    step(0);
  }

  #arrived(chunk: Uint8Array): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (this.#cancelled) {
      giveBack(chunk);
      this.#close();
      waiting?.resolve(null);
    } else if (waiting !== undefined) waiting.resolve(this.#lend(chunk));
    else this.#ready = chunk;
  }

  #fail(buffer: Uint8Array, error: unknown): void {
    giveBack(buffer);
    this.#close();
    this.#failure = error;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(error);
  }

  #release(): void {
    if (this.#lent !== undefined) giveBack(this.#lent);
    this.#lent = undefined;
  }

  #close(): void {
    if (this.#slice.fd < 0) return;
    const fd = this.#slice.fd;
    this.#slice.fd = -1;
    this.#closeFile(fd);
  }
}

function take(): Uint8Array {
  if (out >= MAX_OUT) return new Uint8Array(SMALL);
  out++;
  return idle.pop() ?? new Uint8Array(LARGE);
}

/** Takes back a buffer, or a view of its beginning. */
function giveBack(view: Uint8Array): void {
  if (view.buffer.byteLength !== LARGE) return;
  out--;
  if (idle.length < MAX_IDLE) idle.push(new Uint8Array(view.buffer as ArrayBuffer));
}
