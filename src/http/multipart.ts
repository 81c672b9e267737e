import { parseParameters } from "./form-parameters.ts";
import type { PartHead } from "./multipart-head.ts";
import { parsePartHead } from "./multipart-head.ts";
import type { MultipartLimits } from "./multipart-limits.ts";
import { DelimiterSearch } from "./multipart-search.ts";
import { RequestProblem } from "./request-problem.ts";

/**
 * What {@link MultipartParser.step} came to: it needs another chunk; a part begins ({@link MultipartParser.part});
 * content of it ({@link MultipartParser.data}); the part is whole; the last delimiter was read.
 */
export type MultipartStep = "more" | "part" | "data" | "part-end" | "end";

const [CR, LF, DASH, SPACE, TAB] = [13, 10, 45, 32, 9];
// RFC 2046 5.1.1: up to 70 of these, not ending in a space.
const BOUNDARY = /^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/;

type State =
  | "preamble"
  | "delimiter"
  | "delimiter-dash"
  | "delimiter-padding"
  | "delimiter-cr"
  | "head"
  | "content"
  | "content-end"
  | "end";

/**
 * The boundary a `Content-Type` names.
 * @throws RequestProblem 415 when the type is not `multipart/form-data`, 400 without a valid boundary
 */
export function multipartBoundary(contentType: string | null): string {
  const parsed = contentType === null ? undefined : parseParameters(contentType);
  if (parsed?.value !== "multipart/form-data") {
    throw new RequestProblem(
      415,
      "multipart_expected",
      "Send multipart/form-data with one boundary.",
    );
  }
  const boundary = parsed.parameters.get("boundary");
  if (boundary !== undefined && BOUNDARY.test(boundary)) return boundary;
  throw malformed(
    "boundary",
    "Content-Type needs a boundary of 1 to 70 characters (RFC 2046 5.1.1)",
  );
}

/**
 * `multipart/form-data` (RFC 7578) as a state machine over chunks of any size. It copies no content, holds
 * nothing but a part's headers, and refuses whatever readers could understand differently.
 *
 * @example
 * const parser = new MultipartParser(boundary, limits);
 * for (const chunk of chunks) {
 *   parser.push(chunk);
 *   for (let step = parser.step(); step !== "more" && step !== "end"; step = parser.step()) {
 *     if (step === "part") console.log(parser.part.name);
 *   }
 * }
 * parser.finish();
 */
export class MultipartParser {
  /** Of the part that began last. */
  part!: PartHead;
  /** Content, valid until the next push. */
  data: Uint8Array = EMPTY;

  readonly #limits: MultipartLimits;
  readonly #search: DelimiterSearch;
  #state: State = "preamble";
  #chunk: Uint8Array = EMPTY;
  #at = 0;
  /** Bytes of a delimiter at the end of what came so far. The first needs no CRLF before it. */
  #matched = 2;
  /** How many of those the delimiter only borrowed: they were never content. */
  #borrowed = 2;
  /** Header bytes of the part; made for the first. */
  #head: Uint8Array | undefined;
  #headSize = 0;
  #size = 0;
  #maxSize = 0;
  #total = 0;
  #parts = 0;
  #files = 0;

  constructor(boundary: string, limits: MultipartLimits) {
    this.#search = new DelimiterSearch(boundary);
    this.#limits = limits;
  }

  /** The next chunk, once `step` has answered "more". @throws RequestProblem 413 */
  push(chunk: Uint8Array): void {
    this.#total += chunk.byteLength;
    if (this.#total > this.#limits.totalBytes) {
      throw tooMuch("too_large", `A form may have at most ${this.#limits.totalBytes} bytes`);
    }
    this.#chunk = chunk;
    this.#at = 0;
  }

  /** Nothing more will come. @throws RequestProblem 400 when the last delimiter has not */
  finish(): void {
    if (this.#state === "end") return;
    throw malformed("truncated", "The form ended before its last boundary: send it whole");
  }

  /** Goes on to the next thing that happened. @throws RequestProblem 400 or 413; the parser is then of no use */
  step(): MultipartStep {
    for (;;) {
      switch (this.#state) {
        case "preamble":
          // RFC 2046 5.1.1: to be ignored.
          if (!this.#content() && this.#state === "preamble") return "more";
          if (this.#state !== "preamble") this.#state = "delimiter";
          break;
        case "content":
          if (this.#content()) return this.#counted();
          if (this.#state === "content") return "more";
          break;
        case "content-end":
          this.#state = "delimiter";
          return "part-end";
        case "head":
          if (!this.#readHead()) return "more";
          this.#beginPart();
          return "part";
        case "end":
          // The epilogue is to be ignored too.
          this.#at = this.#chunk.length;
          return "end";
        default:
          if (this.#at === this.#chunk.length) return "more";
          this.#afterDelimiter(this.#chunk[this.#at++] as number);
      }
    }
  }

  /** Finds the next piece of content, and where it ends. @returns whether `data` holds some */
  #content(): boolean {
    const chunk = this.#chunk;
    const search = this.#search;
    if (this.#at === chunk.length) return false;
    if (this.#matched > 0) {
      const before = this.#matched;
      const matched = search.match(chunk, this.#at, before);
      if (matched === search.length) return this.#found(EMPTY, this.#at + matched - before);
      if (this.#at + matched - before === chunk.length) {
        this.#matched = matched;
        this.#at = chunk.length;
        return false;
      }
      // What looked like a delimiter in an earlier chunk was content.
      this.#matched = 0;
      this.data = search.slice(this.#borrowed, before);
      this.#borrowed = 0;
      if (this.data.length > 0) return true;
    }
    const start = this.#at;
    const found = search.find(chunk, start);
    if (found >= 0) return this.#found(chunk.subarray(start, found), found + search.length);
    const end = search.findTail(chunk, start);
    this.#matched = chunk.length - end;
    this.#at = chunk.length;
    this.data = chunk.subarray(start, end);
    return end > start;
  }

  #found(before: Uint8Array, next: number): boolean {
    this.#matched = 0;
    this.#borrowed = 0;
    this.#at = next;
    this.#state = "content-end";
    this.data = before;
    return before.length > 0;
  }

  #counted(): "data" {
    this.#size += this.data.length;
    if (this.#size <= this.#maxSize) return "data";
    const what = this.part.filename === undefined ? "field" : "file";
    throw tooMuch(`${what}_too_large`, `A ${what} may have at most ${this.#maxSize} bytes`);
  }

  /** RFC 2046 5.1.1: "--" ends the form; otherwise padding and CRLF end the line. */
  #afterDelimiter(byte: number): void {
    const state = this.#state;
    if (state === "delimiter" && byte === DASH) this.#state = "delimiter-dash";
    else if (state === "delimiter-dash" && byte === DASH) this.#state = "end";
    else if (state === "delimiter-cr" && byte === LF) this.#beginHead();
    else if (state !== "delimiter-dash" && state !== "delimiter-cr" && byte === CR) {
      this.#state = "delimiter-cr";
    } else if (
      state !== "delimiter-dash" &&
      state !== "delimiter-cr" &&
      (byte === SPACE || byte === TAB)
    ) {
      this.#state = "delimiter-padding";
    } else throw malformed("delimiter", "A boundary is followed by neither CRLF nor two hyphens");
  }

  #beginHead(): void {
    if (++this.#parts > this.#limits.parts) {
      throw tooMuch("too_many_parts", `A form may have at most ${this.#limits.parts} parts`);
    }
    this.#state = "head";
    this.#headSize = 0;
  }

  /** Collects header lines up to an empty one. @returns whether they are complete */
  #readHead(): boolean {
    const limit = this.#limits.headerBytes;
    const head = (this.#head ??= new Uint8Array(limit + 2));
    const chunk = this.#chunk;
    let size = this.#headSize;
    let at = this.#at;
    while (at < chunk.length) {
      const byte = chunk[at++] as number;
      if (size === head.length) {
        throw tooMuch("headers_too_large", `The headers of a part may have at most ${limit} bytes`);
      }
      head[size++] = byte;
      if (byte !== LF) continue;
      if (head[size - 2] !== CR) throw malformed("header", "A header line must end in CRLF");
      if (size === 2 || (head[size - 3] === LF && head[size - 4] === CR)) {
        this.#headSize = size - 2;
        this.#at = at;
        return true;
      }
    }
    this.#headSize = size;
    this.#at = at;
    return false;
  }

  #beginPart(): void {
    const limits = this.#limits;
    const head = (this.#head as Uint8Array).subarray(0, this.#headSize);
    this.part = parsePartHead(head, limits.nameBytes);
    const isFile = this.part.filename !== undefined;
    if (isFile) this.#files++;
    if (this.#files > limits.files) {
      throw tooMuch("too_many_files", `A form may have at most ${limits.files} files`);
    }
    if (this.#parts - this.#files > limits.fields) {
      throw tooMuch("too_many_fields", `A form may have at most ${limits.fields} fields`);
    }
    this.#size = 0;
    this.#maxSize = isFile ? limits.fileBytes : limits.fieldBytes;
    this.#state = "content";
    // An empty part may end with the CRLF of its empty line.
    this.#matched = 2;
    this.#borrowed = 2;
  }
}

const EMPTY = new Uint8Array();

function malformed(what: string, message: string): RequestProblem {
  return new RequestProblem(400, `multipart_${what}`, `${message}.`);
}

function tooMuch(what: string, message: string): RequestProblem {
  return new RequestProblem(413, `multipart_${what}`, `${message}.`);
}
