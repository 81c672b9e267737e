import type { MultipartStep } from "../../http/multipart.ts";
import { multipartBoundary, MultipartParser } from "../../http/multipart.ts";
import type { MultipartLimits } from "../../http/multipart-limits.ts";
import { defaultMultipartLimits } from "../../http/multipart-limits.ts";
import type { Source } from "../../wire/source.ts";
import { asHttpError } from "./as-http-error.ts";
import { Part } from "./multipart-part.ts";

/**
 * The parts of a `multipart/form-data` body, one after the other as they arrive. Nothing is kept in memory but
 * the chunk the transport gave, and nothing is read that was not asked for.
 *
 * Leaving the loop early gives the rest of the body up. Whatever is malformed, or over a limit, is an
 * `HttpError` 400 or 413 from the loop or from the part that is being read.
 * @example
 * for await (const part of new MultipartForm(c.body, c.requestHeaders.get("content-type"))) {
 *   if (part.isFile) await saveUpload(part, "/var/uploads");
 *   else console.log(part.name, await part.text());
 * }
 */
export class MultipartForm implements AsyncIterable<Part> {
  readonly #source: Source;
  readonly #parser: MultipartParser;
  /** The part whose content comes next. */
  #open: PartBody | undefined;
  #ended = false;
  #failure: { error: unknown } | undefined;

  /**
   * @param source taken over
   * @param limits those left out are {@link defaultMultipartLimits}
   * @throws HttpError 415 when the type is not `multipart/form-data`, 400 without a boundary
   */
  constructor(source: Source, contentType: string | null, limits: Partial<MultipartLimits> = {}) {
    this.#source = source;
    try {
      const boundary = multipartBoundary(contentType);
      this.#parser = new MultipartParser(boundary, { ...defaultMultipartLimits, ...limits });
    } catch (error) {
      source.cancel(error);
      throw asHttpError(error);
    }
  }

  /** The next part, or null after the last. What is left of the one before is skipped. */
  async next(): Promise<Part | null> {
    while (this.#open !== undefined) await this.#content(this.#open);
    if (this.#ended || (await this.#advance()) === "end") {
      await this.#skipEpilogue();
      return null;
    }
    this.#open = new PartBody((body) => this.#content(body));
    return new Part(this.#parser.part, this.#open);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Part, void> {
    try {
      for (let part = await this.next(); part !== null; part = await this.next()) yield part;
    } finally {
      if (!this.#ended) this.cancel();
    }
  }

  /** Gives up what has not been read. */
  cancel(reason?: unknown): void {
    this.#ended = true;
    this.#open = undefined;
    this.#source.cancel(reason);
  }

  async #content(body: PartBody): Promise<Uint8Array | null> {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (body.done) return null;
    if (body !== this.#open) {
      throw new Error("this part was skipped: read it before asking for the next one");
    }
    if ((await this.#advance()) === "data") return this.#parser.data;
    body.done = true;
    this.#open = undefined;
    return null;
  }

  async #advance(): Promise<Exclude<MultipartStep, "more">> {
    if (this.#failure !== undefined) throw this.#failure.error;
    try {
      for (;;) {
        const step = this.#parser.step();
        if (step !== "more") return step;
        const chunk = await this.#source.pull();
        if (chunk === null) this.#parser.finish();
        else this.#parser.push(chunk);
      }
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /** RFC 2046 5.1.1: what follows is ignored. It is read so that the connection can go on. */
  async #skipEpilogue(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    try {
      for (;;) {
        const chunk = await this.#source.pull();
        if (chunk === null) return;
        this.#parser.push(chunk);
      }
    } catch (error) {
      throw this.#fail(error);
    }
  }

  #fail(error: unknown): unknown {
    this.#failure = { error: asHttpError(error) };
    this.cancel(error);
    return this.#failure.error;
  }
}

/** The content of a part. */
class PartBody implements Source {
  readonly size = undefined;
  done = false;
  readonly #read: (body: PartBody) => Promise<Uint8Array | null>;
  #cancelled = false;

  constructor(read: (body: PartBody) => Promise<Uint8Array | null>) {
    this.#read = read;
  }

  async pull(): Promise<Uint8Array | null> {
    return this.#cancelled ? null : this.#read(this);
  }

  /** Only this part is given up: the form goes on behind it. */
  cancel(): void {
    this.#cancelled = true;
  }
}
