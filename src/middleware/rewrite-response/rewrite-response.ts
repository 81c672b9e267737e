import type { Context } from "../../core/context.ts";
import { DerivedExchange } from "../../core/derived-exchange.ts";
import { error } from "../../core/error.ts";
import { isHttpError } from "../../core/errors.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { Middleware, Next } from "../../core/middleware.ts";
import { middleware } from "../../core/middleware.ts";
import { isSource, Reply } from "../../core/reply.ts";
import { isWeak } from "../../http/etag.ts";
import { essenceOf } from "../../http/media-type.ts";
import { parseSize } from "../../internal/parse-size.ts";
import { changeable, replyField } from "../reply-fields.ts";
import type { TextRule } from "../text-rule.ts";
import type { BodyRewriter } from "./body-rewriter.ts";
import { bodyRewriter } from "./body-rewriter.ts";
import { readAhead } from "./read-ahead.ts";

/** What of answers is changed. */
export interface RewriteResponseOptions {
  /** Other statuses: `{ 502: 503 }`. Those of errors too. Not 204, 205, 206 and 304, which say what a body is. */
  readonly status?: Readonly<Record<number, number>>;
  /** What is replaced in bodies, one rule after the other. An expression sees one line at a time. */
  readonly body?: readonly TextRule[];
  /** Media types without parameters whose bodies are looked at; `text/*` is all of these. Default `["text/html"]`. */
  readonly types?: readonly string[];
  /** Larger bodies stay as they are. Bytes, or `"1MiB"` (default). */
  readonly maxSize?: number | string;
}

const Incomplete = error(502, "answer_incomplete", "The answer broke off before it was complete.");

/** So much more may come out than may go in: of a small text a large one could be made. */
const GROWTH = 4;

/**
 * Changes statuses of answers, and text in their bodies.
 *
 * Bodies are asked for whole and without a content coding; what comes in one all the same, what is larger than
 * `maxSize`, and what `Cache-Control: no-transform` protects stays as it is. Of a changed body `Content-Length` is made
 * anew, a strong `ETag` becomes a weak one, and there are no ranges and digests. It is held in memory: put `compress`
 * outside.
 *
 * @throws TypeError, RangeError, SyntaxError, TemplateError at start on what cannot be
 * @example
 * new App()
 *   .use(rewriteResponse({ status: { 404: 410 }, body: [{ from: "http://old.example/", to: "/" }] }))
 *   .get("/", (c) => c.html('<a href="http://old.example/shop">Shop</a>'));
 */
export function rewriteResponse(options: RewriteResponseOptions): Middleware {
  const { body: rules = [], types = ["text/html"] } = options;
  const statuses = statusesOf(options.status ?? {});
  const maxSize = parseSize(options.maxSize ?? "1MiB");
  const rewrite = rules.length === 0 ? undefined : bodyRewriter(rules, maxSize * GROWTH + 1024);
  const isFor = typeTest(types);
  const run = async (c: Context, next: Next): Promise<Reply> => {
    const outer = c.exchange;
    if (rewrite !== undefined) c.exchange = asWhole(outer);
    let reply: Reply;
    try {
      reply = await answerOf(next, statuses);
    } finally {
      // What stands around may look at what was asked for.
      c.exchange = outer;
    }
    if (reply === Reply.TAKEN) return reply;
    const status = statuses.get(reply.status);
    if (status !== undefined) {
      reply = changeable(reply);
      reply = Object.assign(reply.with(reply.headers), { status });
    }
    return rewrite === undefined ? reply : rewritten(c, reply, rewrite, isFor, maxSize);
  };
  return middleware("rewrite-response", run, rewrite && { errors: [Incomplete] });
}

/** They tell what the body is, or that there is none. */
const BOUND = new Set([204, 205, 206, 304]);

/** @throws RangeError */
function statusesOf(table: Readonly<Record<number, number>>): ReadonlyMap<number, number> {
  const statuses = new Map(Object.entries(table).map(([from, to]) => [Number(from), to]));
  for (const status of [...statuses.keys(), ...statuses.values()]) {
    if (Number.isInteger(status) && status >= 200 && status <= 599 && !BOUND.has(status)) continue;
    throw new RangeError(`rewriteResponse: ${status} is no status that can be changed`);
  }
  return statuses;
}

function typeTest(types: readonly string[]): (type: string) => boolean {
  const exact = new Set(types.map((type) => type.toLowerCase()));
  return (type) => exact.has(type) || exact.has(`${type.slice(0, type.indexOf("/"))}/*`);
}

/** An error whose status is another one becomes an answer here. */
async function answerOf(next: Next, statuses: ReadonlyMap<number, number>): Promise<Reply> {
  try {
    return await next();
  } catch (failure) {
    if (isHttpError(failure) && statuses.has(failure.status)) return failure.toReply();
    throw failure;
  }
}

/** A request for all of the body as it is: ranges of it, and its bytes in a coding, would be of another text. */
function asWhole(exchange: Exchange): Exchange {
  const headers = exchange.headers.clone();
  for (const name of ["range", "if-range"]) headers.delete(name);
  headers.set("Accept-Encoding", "identity");
  return new DerivedExchange(exchange, { headers });
}

async function rewritten(
  c: Context,
  reply: Reply,
  rewrite: BodyRewriter,
  isFor: (type: string) => boolean,
  maxSize: number,
): Promise<Reply> {
  if (reply.status === 304) return weakened(c, reply);
  const type = essenceOf(replyField(c, reply, "content-type") ?? "");
  if (!isFor(type) || !mayChange(c, reply)) return reply;
  if (c.method === "HEAD") return weakened(c, reply);
  let { body } = reply;
  if (body === null) return reply;
  if (isSource(body)) {
    if (body.size !== undefined && body.size > maxSize) return reply;
    const read = await readAhead(body, maxSize).catch((failure: unknown) => incomplete(c, failure));
    if (isSource(read)) return Object.assign(reply.with(reply.headers), { body: read });
    const { trailers } = body;
    body = read;
    if (trailers !== undefined) reply = Object.assign(reply.with(reply.headers), { trailers });
  }
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const changed = bytes.byteLength > maxSize ? undefined : rewrite(bytes, type, c);
  if (changed === undefined) return Object.assign(reply.with(reply.headers), { body: bytes });
  const own = weakened(c, reply);
  return Object.assign(own.with(own.headers), { body: changed });
}

/** No head was sent yet, so there can still be an error in the place of an answer that breaks off. */
function incomplete(c: Context, failure: unknown): never {
  if (isHttpError(failure)) throw failure;
  // What is a backend's fault, which has a status, was told where it happened.
  if (typeof (failure as { status?: unknown }).status !== "number") c.report(failure);
  throw new Incomplete(undefined, { cause: failure });
}

function mayChange(c: Context, reply: Reply): boolean {
  const { status } = reply;
  if (status === 204 || status === 205 || status === 206) return false;
  const coding = replyField(c, reply, "content-encoding");
  if (coding !== null && coding.toLowerCase() !== "identity") return false;
  if (/\butf-(?:16|32)/i.test(replyField(c, reply, "content-type") ?? "")) return false;
  // RFC 9111 5.2.2.6
  const control = replyField(c, reply, "cache-control");
  return control === null || !/(?:^|[\s,])no-transform(?:[\s,]|$)/i.test(control);
}

/** The fields of a body that is another than the one they were made for. */
function weakened(c: Context, reply: Reply): Reply {
  const own = changeable(reply);
  for (const headers of [own.headers, c.pendingHeaders]) {
    if (headers === undefined) continue;
    for (const name of GONE) headers.delete(name);
    const tag = headers.get("etag");
    if (tag !== null && !isWeak(tag)) headers.set("ETag", `W/${tag}`);
  }
  return own;
}

/** RFC 9530 has the digests. */
const GONE = [
  "content-length",
  "accept-ranges",
  "content-digest",
  "repr-digest",
  "digest",
  "content-md5",
];
