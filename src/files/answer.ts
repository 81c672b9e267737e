import { CompressedSource } from "../core/compressed-source.ts";
import type { Exchange } from "../core/exchange.ts";
import { HttpError, problem } from "../core/errors.ts";
import { Reply } from "../core/reply.ts";
import type { Source } from "../wire/source.ts";
import { evaluate, rangeApplies } from "../http/conditional.ts";
import { HeaderList } from "../http/header-list.ts";
import type { ByteRange } from "../http/range.ts";
import { contentRange, parseRange } from "../http/range.ts";
import { createCompressor } from "../runtime/compress.ts";
import { manyParts, onePart } from "./byte-ranges.ts";
import { FileSource } from "./file-source.ts";
import type { OpenFiles } from "./open-files.ts";
import type { StaticSettings } from "./options.ts";
import type { Representation } from "./representation.ts";
import type { RequestFields } from "./request-fields.ts";

/** The file on disk is no longer the one that was described: look again. */
export class Changed extends Error {}

/** Makes replies of representations. */
export class Answerer {
  readonly #files: OpenFiles;
  readonly #settings: StaticSettings;

  constructor(files: OpenFiles, settings: StaticSettings) {
    this.#files = files;
    this.#settings = settings;
  }

  /** The whole of it. @throws Changed */
  whole(shown: Representation, method: string): Reply {
    if (shown.bytes !== undefined || method === "HEAD") return shown.whole;
    const size = shown.state.size;
    // An empty file is not worth a descriptor.
    if (size === 0) return new Reply(new Uint8Array(0), 200, shown.headers);
    const file = this.#slice(shown, { first: 0, last: size - 1 });
    return new Reply(this.#encode(shown, file), 200, shown.headers);
  }

  /** What preconditions and ranges make of it (RFC 9110 13.2.2). @throws Changed */
  special(shown: Representation, exchange: Exchange, fields: RequestFields): Reply {
    const method = exchange.method;
    const outcome = evaluate(method, fields, shown);
    if (outcome === "not_modified") return shown.notModified;
    if (outcome === "failed") {
      return problem(
        412,
        "precondition_failed",
        "The file is not in the state the request expects.",
      );
    }
    const size = shown.size;
    // RFC 9110 14.2: only GET has ranges. What is compressed on the fly has none.
    if (fields.range === undefined || method !== "GET" || !shown.headers.has("accept-ranges")) {
      return this.whole(shown, method);
    }
    if (size === undefined || !rangeApplies(fields.ifRange, shown))
      return this.whole(shown, method);
    const ranges = parseRange(fields.range, size);
    if (ranges === "ignore") return this.whole(shown, method);
    if (ranges === "unsatisfiable") return notSatisfiable(size);
    const slice = this.#slicer(shown);
    const [first, second] = ranges;
    if (first !== undefined && second === undefined)
      return onePart(shown.headers, first, size, slice);
    return manyParts(shown.headers, ranges, size, slice);
  }

  #slicer(shown: Representation): (range: ByteRange) => Uint8Array | Source {
    const bytes = shown.bytes;
    if (bytes !== undefined) return (range) => bytes.subarray(range.first, range.last + 1);
    return (range) => this.#slice(shown, range);
  }

  #slice(shown: Representation, range: ByteRange): FileSource {
    const file = this.#files.open(shown);
    if (file === undefined) throw new Changed();
    return new FileSource(file.fd, range.first, range.last - range.first + 1, file.release);
  }

  #encode(shown: Representation, file: FileSource): Source {
    const coding = shown.coding;
    if (coding === undefined || shown.size !== undefined) return file;
    const level = this.#settings.levels[coding];
    return new CompressedSource(file, createCompressor(coding, level, file.size));
  }
}

function notSatisfiable(size: number): Reply {
  return problem(
    416,
    "range_not_satisfiable",
    `The file has ${size} bytes: ask for a range inside it.`,
    new HeaderList(["Content-Range", contentRange(size), "Accept-Ranges", "bytes"]),
  );
}

/** 406: plain bytes are refused and no other coding is there (RFC 9110 12.5.3). */
export function notAcceptable(): HttpError {
  return new HttpError(
    406,
    "no_acceptable_encoding",
    "This file is not available in any encoding that Accept-Encoding allows.",
    new HeaderList(["Vary", "Accept-Encoding"]),
  );
}
