import { trimOws } from "../../http/trim-ows.ts";
import { latin1 } from "../../runtime/bytes.ts";
import { isFieldValue, isToken } from "./characters.ts";
import { beginExtension, EXTENSION_BAD, EXTENSION_END, stepExtension } from "./chunk-extension.ts";
import type { HeadProblem } from "./head-problem.ts";
import { problems } from "./head-problem.ts";

const CR = 0x0d;
const LF = 0x0a;

/** Longest chunk-size line, and what all extensions of a body may add up to: they carry nothing we use. */
const MAX_LINE_EXTENSION = 256;
const MAX_EXTENSION_BYTES = 16 * 1024;
// 13 hexadecimal digits stay below 2^53.
const MAX_SIZE_DIGITS = 13;

const enum State {
  Size,
  Extension,
  SizeLf,
  Data,
  DataCr,
  DataLf,
  TrailerLine,
  TrailerLf,
  EndLf,
  Done,
}

export interface TrailerLimits {
  readonly headerBytes: number;
  readonly headerCount: number;
}

/**
 * RFC 9112 7.1, a byte at a time where it is framing and a slice at a time where it is data. Feed it with
 * {@link next} until it has taken all bytes, is done, or has a problem.
 */
export class ChunkedDecoder {
  /** Offset up to which the bytes of the last {@link next} were used. */
  at = 0;
  problem: HeadProblem | undefined;
  /** `[name, value, …]` once done. */
  readonly trailers: string[] = [];

  #state: State = State.Size;
  #size = 0;
  #digits = 0;
  #extension = 0;
  #lineExtension = 0;
  #extensions = 0;
  #line: number[] = [];
  #trailerBytes = 0;
  readonly #limits: TrailerLimits;

  constructor(limits: TrailerLimits) {
    this.#limits = limits;
  }

  get done(): boolean {
    return this.#state === State.Done;
  }

  /** The next piece of data in `bytes` from `from`, or undefined: all were used, it is done, or there is a problem. */
  next(bytes: Uint8Array, from: number): Uint8Array | undefined {
    let at = from;
    while (at < bytes.length && this.#state !== State.Done) {
      if (this.#state === State.Data) {
        const take = Math.min(this.#size, bytes.length - at);
        this.#size -= take;
        if (this.#size === 0) this.#state = State.DataCr;
        this.at = at + take;
        return bytes.subarray(at, at + take);
      }
      const problem = this.#step(bytes[at] as number);
      at++;
      if (problem !== undefined) {
        this.problem = problem;
        break;
      }
    }
    this.at = at;
    return undefined;
  }

  #step(code: number): HeadProblem | undefined {
    switch (this.#state) {
      case State.Size:
        return this.#sizeByte(code);
      case State.Extension:
        return this.#extensionByte(code);
      case State.SizeLf:
        if (code !== LF) return problems.line_end;
        this.#state = this.#size === 0 ? State.TrailerLine : State.Data;
        this.#digits = 0;
        this.#lineExtension = 0;
        return undefined;
      case State.DataCr:
        if (code !== CR) return problems.chunk_end;
        this.#state = State.DataLf;
        return undefined;
      case State.DataLf:
        if (code !== LF) return problems.chunk_end;
        this.#state = State.Size;
        return undefined;
      case State.TrailerLine:
        return this.#trailerByte(code);
      case State.TrailerLf:
        if (code !== LF) return problems.line_end;
        return this.#endTrailer();
      default:
        if (code !== LF) return problems.line_end;
        this.#state = State.Done;
        return undefined;
    }
  }

  #sizeByte(code: number): HeadProblem | undefined {
    const digit = hexDigit(code);
    if (digit >= 0) {
      if (++this.#digits > MAX_SIZE_DIGITS) return problems.chunk_size;
      this.#size = this.#size * 16 + digit;
      return undefined;
    }
    if (this.#digits === 0) return code === LF ? problems.line_end : problems.chunk_size;
    if (code === LF) return problems.line_end;
    if (code === CR) {
      this.#state = State.SizeLf;
      return undefined;
    }
    this.#extension = beginExtension(code);
    if (this.#extension === EXTENSION_BAD) return problems.chunk_size;
    this.#state = State.Extension;
    return undefined;
  }

  #extensionByte(code: number): HeadProblem | undefined {
    if (code === LF) return problems.line_end;
    this.#extension = stepExtension(this.#extension, code);
    if (this.#extension === EXTENSION_BAD) return problems.chunk_extension;
    if (this.#extension === EXTENSION_END) {
      this.#state = State.SizeLf;
      return undefined;
    }
    this.#lineExtension++;
    this.#extensions++;
    const tooLong =
      this.#lineExtension > MAX_LINE_EXTENSION || this.#extensions > MAX_EXTENSION_BYTES;
    return tooLong ? problems.chunk_extension : undefined;
  }

  #trailerByte(code: number): HeadProblem | undefined {
    if (code === CR) {
      this.#state = this.#line.length === 0 ? State.EndLf : State.TrailerLf;
      return undefined;
    }
    if (code === LF) return problems.line_end;
    if (++this.#trailerBytes > this.#limits.headerBytes) return problems.trailer_too_large;
    this.#line.push(code);
    return undefined;
  }

  #endTrailer(): HeadProblem | undefined {
    if (this.trailers.length / 2 >= this.#limits.headerCount) return problems.trailer_too_large;
    const field = parseField(new Uint8Array(this.#line));
    if (field === undefined || FORBIDDEN.has(field[0].toLowerCase())) return problems.trailer_field;
    this.trailers.push(field[0], field[1]);
    this.#line = [];
    this.#state = State.TrailerLine;
    return undefined;
  }
}

/** RFC 9110 6.5.1: fields that frame, route or authenticate a message may not come behind it. */
const FORBIDDEN = new Set([
  "transfer-encoding",
  "content-length",
  "host",
  "trailer",
  "connection",
  "te",
  "upgrade",
  "expect",
  "authorization",
  "cookie",
  "content-encoding",
  "content-type",
  "content-range",
]);

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function parseField(line: Uint8Array): [string, string] | undefined {
  let at = 0;
  while (at < line.length && isToken[line[at] as number] === 1) at++;
  if (at === 0 || line[at] !== 0x3a) return undefined;
  for (let i = at + 1; i < line.length; i++) {
    if (isFieldValue[line[i] as number] !== 1) return undefined;
  }
  const value = trimOws(latin1(line, at + 1, line.length));
  return [latin1(line, 0, at), value];
}
