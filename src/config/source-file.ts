/** A configuration file as it was read, for diagnostics. */
export class SourceFile {
  /** As shown to people: relative to the working directory where that is shorter. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  readonly text: string;
  #lineStarts: number[] | undefined;

  constructor(name: string, path: string, text: string) {
    this.name = name;
    this.path = path;
    this.text = text;
  }

  /** Line and column of an offset, from 1. Columns count characters as an editor does, a tab as one. */
  position(offset: number): { line: number; column: number } {
    const starts = (this.#lineStarts ??= lineStarts(this.text));
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    const before = this.text.slice(starts[low], offset);
    return { line: low + 1, column: [...before].length + 1 };
  }

  /** The text of a line, from 1, without its end. */
  line(number: number): string {
    const starts = (this.#lineStarts ??= lineStarts(this.text));
    const from = starts[number - 1] ?? this.text.length;
    const to = starts[number] ?? this.text.length + 1;
    return this.text.slice(from, to - 1).replace(/\r$/, "");
  }
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
