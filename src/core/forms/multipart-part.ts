import type { HeaderList } from "../../http/header-list.ts";
import type { PartHead } from "../../http/multipart-head.ts";
import { HttpError } from "../errors.ts";
import type { Source } from "../../wire/source.ts";
import { readAll, streamFromSource } from "../../wire/source.ts";

/**
 * One part of a multipart form. Its content is read from the connection while it is pulled, so it must be read
 * before the next part is asked for; what is left by then is skipped.
 */
export class Part {
  /** The name of the form's control. */
  readonly name: string;
  /** Safe for any file system; "" where a file control was left empty, undefined for what is no file. */
  readonly filename: string | undefined;
  /** As the client sent it: for showing, escaped, and never for a path. */
  readonly rawFilename: string | undefined;
  /** Media type in lower case, as the client says: content may be something else. */
  readonly type: string;
  readonly headers: HeaderList;
  /** The content. */
  readonly body: Source;
  readonly #charset: string | undefined;

  constructor(head: PartHead, body: Source) {
    this.name = head.name;
    this.filename = head.filename;
    this.rawFilename = head.rawFilename;
    this.type = head.type;
    this.headers = head.headers;
    this.body = body;
    this.#charset = head.charset;
  }

  /** Whether it came with a file name. */
  get isFile(): boolean {
    return this.filename !== undefined;
  }

  /** The whole content. @throws HttpError 413 past `limit` bytes */
  async bytes(limit = Infinity): Promise<Uint8Array> {
    try {
      return await readAll(this.body, limit);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const message = `The part ${JSON.stringify(this.name)} may have at most ${limit} bytes.`;
      throw new HttpError(413, "multipart_part_too_large", message);
    }
  }

  /**
   * The whole content as text, in the charset it declares, else UTF-8.
   * @throws HttpError 413 past `limit` bytes, 400 when it is not text in that charset, 415 for a charset nobody knows
   */
  async text(limit = Infinity): Promise<string> {
    const decoder = decoderFor(this.#charset);
    const bytes = await this.bytes(limit);
    try {
      return decoder.decode(bytes);
    } catch {
      const message = `The part ${JSON.stringify(this.name)} is not ${decoder.encoding} text.`;
      throw new HttpError(400, "multipart_field_not_text", message);
    }
  }

  /** The content as a web stream, with backpressure. */
  stream(): ReadableStream<Uint8Array> {
    return streamFromSource(this.body);
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decoderFor(charset: string | undefined): TextDecoder {
  if (charset === undefined || charset === "utf-8" || charset === "utf8") return utf8;
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM: true });
  } catch {
    const message = `The charset ${JSON.stringify(charset)} is not known: send UTF-8.`;
    throw new HttpError(415, "multipart_charset", message);
  }
}
