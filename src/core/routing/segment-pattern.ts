/**
 * The regular expression of a `:name{regexp}` parameter: it must match the whole segment.
 *
 * @throws SyntaxError on an invalid expression
 */
export class SegmentPattern {
  readonly source: string;
  readonly #expression: RegExp;

  constructor(source: string) {
    this.source = source;
    this.#expression = new RegExp(`^(?:${source})$`, "u");
  }

  /** @param segment in canonical form */
  test(segment: string): boolean {
    return this.#expression.test(segment);
  }

  /** Whether some segment may match both. */
  meets(other: SegmentPattern): boolean {
    return this.source === other.source;
  }
}
