import type { TextRange } from "./toml/secret-ranges.ts";
import { secretRanges } from "./toml/secret-ranges.ts";

/** A configuration file as it was read, for diagnostics. */
export class SourceFile {
  /** As shown to people: relative to the working directory where that is shorter. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  readonly text: string;
  readonly #secretKeys: ReadonlySet<string>;
  #secrets: readonly TextRange[] | undefined;
  #lineStarts: number[] | undefined;

  /** @param secretKeys keys whose values are not for people to see */
  constructor(
    name: string,
    path: string,
    text: string,
    secretKeys: ReadonlySet<string> = new Set(),
  ) {
    this.name = name;
    this.path = path;
    this.text = text;
    this.#secretKeys = secretKeys;
  }

  /** Where the text must not be shown. */
  get secrets(): readonly TextRange[] {
    return (this.#secrets ??= secretRanges(this.text, this.#secretKeys));
  }

  /** The line of an offset, from 1. */
  lineAt(offset: number): number {
    const starts = (this.#lineStarts ??= lineStarts(this.text));
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  /** Line and column of an offset, from 1. Columns count characters as an editor does, a tab as one. */
  position(offset: number): { line: number; column: number } {
    const line = this.lineAt(offset);
    const start = this.#lineStarts?.[line - 1] as number;
    return { line, column: characters(this.text, start, offset) + 1 };
  }

  /** The text of the line that an offset is in, and the offset it starts at. */
  lineAround(offset: number): { text: string; start: number } {
    const line = this.lineAt(offset);
    return { text: this.line(line), start: this.#lineStarts?.[line - 1] as number };
  }

  /** The text of a line, from 1, without its end. */
  line(number: number): string {
    const starts = (this.#lineStarts ??= lineStarts(this.text));
    const from = starts[number - 1] ?? this.text.length;
    const to = starts[number] ?? this.text.length + 1;
    return this.text.slice(from, to - 1).replace(/\r$/, "");
  }
}

/** Whole characters from one offset to another: two halves of a surrogate pair are one. */
function characters(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) {
    count++;
    if ((text.codePointAt(at) as number) > 0xffff) at++;
  }
  return count;
}

function lineStarts(text: string): number[] {
  // A byte order mark is no column.
  const starts = [text.startsWith("\uFEFF") ? 1 : 0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** A piece of a source file. */
export interface Span {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
}
