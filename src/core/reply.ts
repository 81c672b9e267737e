import { HeaderList } from "../http/header-list.ts";
import { PartOfBytes } from "../wire/part-of-bytes.ts";
import type { Source } from "../wire/source.ts";
import { sourceFromStream, streamFromSource } from "../wire/source.ts";

/** What a Reply carries: nothing, text (sent as UTF-8), bytes, or a source to pull (files are sources). */
export type ReplyBody = null | string | Uint8Array | Source;

/**
 * What goes back up to a socket. It reads like a `Response`, wraps one when a handler returned one, and
 * {@link toResponse} makes one; engines read its plain fields.
 *
 * `Content-Length`, `Transfer-Encoding`, `Connection` and `Date` belong to the engine: it frames every
 * message afresh. A `Content-Length` set here is honoured only where there is no body to measure (HEAD, 304).
 */
export class Reply {
  status: number;
  headers: HeaderList;
  body: ReplyBody;
  /** Trailer fields; a function is asked once the body has ended. */
  trailers: HeaderList | (() => HeaderList | undefined) | undefined;

  /** @throws RangeError for a status that ends no request: 1xx come before an answer, by `inform` */
  constructor(body: ReplyBody = null, status = 200, headers: HeaderList = new HeaderList()) {
    this.status = status;
    this.headers = headers;
    this.body = body;
    this.trailers = undefined;
    if (status !== 200) checkStatus(status);
  }

  /** The answer of a handler that took the connection over: the engine writes nothing more. */
  static readonly TAKEN: Reply = takenReply(() => {
    const reply = new Reply(null, 200, new HeaderList().freeze());
    reply.status = 101;
    return reply;
  });

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  /**
   * Wraps a web `Response`; its body is streamed, not copied. Of one that `fetch` gave, and has decoded, it loses
   * `Content-Encoding` and `Content-Length`, which are those of other bytes.
   */
  static fromResponse(response: Response): Reply {
    const flat: string[] = [];
    const isDecoded = wasDecoded(response);
    // Iteration of Headers yields set-cookie once for each cookie, other fields joined.
    response.headers.forEach((value, name) => {
      if (!isDecoded || !/^content-(?:encoding|length)$/.test(name)) flat.push(name, value);
    });
    const length = isDecoded ? null : response.headers.get("content-length");
    const size = length !== null && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
    const body = response.body === null ? null : sourceFromStream(response.body, size);
    return new Reply(body, response.status, new HeaderList(flat));
  }

  /** A web `Response` of this reply; the reply's body is taken. Trailers have no place in one. */
  toResponse(): Response {
    const headers = new Headers();
    for (const [name, value] of this.headers) headers.append(name, value);
    const body =
      this.body !== null && typeof this.body === "object" && "pull" in this.body
        ? streamFromSource(this.body)
        : plainBody(this.body as string | Uint8Array<ArrayBuffer> | null, headers);
    const bodyless = this.status === 204 || this.status === 205 || this.status === 304;
    return new Response(bodyless ? null : body, { status: this.status, headers });
  }

  /** The same reply with other headers. */
  with(headers: HeaderList): Reply {
    const copy = new Reply(this.body, this.status, headers);
    copy.trailers = this.trailers;
    return copy;
  }

  /** Frees what the body holds, for a reply that will not be sent. */
  discard(reason?: unknown): void {
    if (isSource(this.body)) this.body.cancel(reason);
  }
}

/** Codings that a `fetch` takes off bodies, of which its headers still tell. */
const CODINGS = /^(?:(?:x-)?gzip|deflate|br|zstd)$/i;

/** Whether a `Response` is one of `fetch`, which alone knows its address, and has its body otherwise than its headers say. */
function wasDecoded({ url, headers }: Response): boolean {
  return url !== "" && CODINGS.test(headers.get("content-encoding") ?? "");
}

/** What is on the wire must be three digits, and the last word on its request (RFC 9110 15). */
function checkStatus(status: number): void {
  if (Number.isInteger(status) && status >= 200 && status <= 599) return;
  throw new RangeError(`${status} is not the status of an answer: use 200 to 599`);
}

/** A text for which no type was given must not be given one by the runtime. */
function plainBody(
  body: string | Uint8Array<ArrayBuffer> | null,
  headers: Headers,
): string | Uint8Array<ArrayBuffer> | null {
  const typed = typeof body !== "string" || headers.has("content-type");
  return typed ? body : new TextEncoder().encode(body);
}

const REPLY: unique symbol = Symbol.for("sluice.reply");
Object.defineProperty(Reply.prototype, REPLY, { value: 1 });

/** Whether a value is a Reply of this copy of the package, or of another: a program may hold two. */
export function isReply(value: object): value is Reply {
  return value instanceof Reply || REPLY in value;
}

/** One for all copies of the package. */
function takenReply(make: () => Reply): Reply {
  const key = Symbol.for("sluice.reply.taken");
  const shared = globalThis as { [key]?: Reply };
  return (shared[key] ??= make());
}

/** The body of a reply, as bytes where all of it is there. */
export function wholeBody(reply: Reply): ReplyBody {
  const { body } = reply;
  return body instanceof PartOfBytes ? (reply.body = body.pull()) : body;
}

/** Whether a body is to be pulled. */
export function isSource(body: ReplyBody): body is Source {
  return typeof body === "object" && body !== null && !(body instanceof Uint8Array);
}
