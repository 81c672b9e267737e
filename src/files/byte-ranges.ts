import { randomBytes } from "node:crypto";
import { Reply } from "../core/reply.ts";
import type { Source } from "../wire/source.ts";
import { HeaderList } from "../http/header-list.ts";
import type { ByteRange } from "../http/range.ts";
import { contentRange } from "../http/range.ts";

/** Gives the bytes of one range as a body. */
export type Slice = (range: ByteRange) => Uint8Array | Source;

/** A 206 with one part (RFC 9110 15.3.7.1). @param headers of the 200, which are copied */
export function onePart(headers: HeaderList, range: ByteRange, size: number, slice: Slice): Reply {
  const own = headers.clone();
  own.delete("content-length");
  own.set("Content-Range", contentRange(size, range));
  return new Reply(slice(range), 206, own);
}

/** A 206 with several parts as `multipart/byteranges` (RFC 9110 14.6, 15.3.7.2). */
export function manyParts(
  headers: HeaderList,
  ranges: readonly ByteRange[],
  size: number,
  slice: Slice,
): Reply {
  const boundary = randomBytes(15).toString("base64url");
  const type = headers.get("content-type") ?? "application/octet-stream";
  const own = headers.clone();
  own.delete("content-length");
  own.set("Content-Type", `multipart/byteranges; boundary=${boundary}`);
  const encoder = new TextEncoder();
  const heads = ranges.map((range, i) =>
    encoder.encode(
      `${i === 0 ? "" : "\r\n"}--${boundary}\r\nContent-Type: ${type}\r\nContent-Range: ${contentRange(size, range)}\r\n\r\n`,
    ),
  );
  return new Reply(
    new PartsSource(heads, ranges, encoder.encode(`\r\n--${boundary}--\r\n`), slice),
    206,
    own,
  );
}

/** The parts one after another; each range is opened when its turn comes. */
class PartsSource implements Source {
  readonly size: number;
  readonly #heads: readonly Uint8Array[];
  readonly #ranges: readonly ByteRange[];
  readonly #tail: Uint8Array;
  readonly #slice: Slice;
  #next = 0;
  #current: Source | undefined;
  #headSent = false;

  constructor(
    heads: readonly Uint8Array[],
    ranges: readonly ByteRange[],
    tail: Uint8Array,
    slice: Slice,
  ) {
    this.#heads = heads;
    this.#ranges = ranges;
    this.#tail = tail;
    this.#slice = slice;
    let size = tail.byteLength;
    for (const head of heads) size += head.byteLength;
    for (const range of ranges) size += range.last - range.first + 1;
    this.size = size;
  }

  async pull(): Promise<Uint8Array | null> {
    for (;;) {
      const current = this.#current;
      if (current !== undefined) {
        const chunk = await current.pull();
        if (chunk !== null) return chunk;
        this.#current = undefined;
        this.#next++;
        this.#headSent = false;
      }
      const range = this.#ranges[this.#next];
      if (range === undefined) {
        if (this.#next > this.#ranges.length) return null;
        this.#next = this.#ranges.length + 1;
        return this.#tail;
      }
      if (!this.#headSent) {
        this.#headSent = true;
        return this.#heads[this.#next] as Uint8Array;
      }
      const part = this.#slice(range);
      if (!(part instanceof Uint8Array)) {
        this.#current = part;
        continue;
      }
      this.#next++;
      this.#headSent = false;
      return part;
    }
  }

  cancel(reason?: unknown): void {
    this.#next = this.#ranges.length + 1;
    this.#current?.cancel(reason);
    this.#current = undefined;
  }
}
