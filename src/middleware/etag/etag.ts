import type { Context } from "../../core/context.ts";
import { error } from "../../core/error.ts";
import type { Middleware } from "../../core/middleware.ts";
import { middleware } from "../../core/middleware.ts";
import { Reply, isSource, wholeBody } from "../../core/reply.ts";
import type { Preconditions } from "../../http/conditional.ts";
import { evaluate } from "../../http/conditional.ts";
import { HeaderList } from "../../http/header-list.ts";
import { parseHttpDate } from "../../http/http-date.ts";
import { toBase64Url } from "../../internal/base64url.ts";
import { platform } from "../../runtime/platform.ts";
import { changeable, replyField } from "../reply-fields.ts";

/** What the tags promise. */
export interface EtagOptions {
  /** Whether a tag means "as good as the same" instead of "the same bytes" (RFC 9110 8.8.1). Default false. */
  weak?: boolean;
}

const Failed = error(
  412,
  "precondition_failed",
  "What is at this address is not in the state the request expects.",
);

/**
 * Tags answers by their content, and answers 304 to a client that has the same already.
 *
 * For GET and HEAD that end in 200: text and bytes are hashed (SHA-256), an answer that has an `ETag` or
 * `Last-Modified` keeps it, and streams get none. Then the request's preconditions are evaluated in the
 * order of RFC 9110 13.2.2, with 304 and 412. It saves sending, not making the answer.
 *
 * Conditions on PUT and DELETE must be checked before anything changes, so they are the handler's.
 *
 * Put `compress` around this, not inside.
 *
 * @example
 * new App()
 *   .use(etag())
 *   .get("/list", () => ["a", "b"]);
 */
export function etag({ weak = false }: EtagOptions = {}): Middleware {
  const prefix = weak ? "W/" : "";
  return middleware(
    "etag",
    async (c, next) => {
      const reply = await next();
      const { method } = c;
      if (reply.status !== 200 || (method !== "GET" && method !== "HEAD")) return reply;
      const tagged = await withTag(c, reply, prefix);
      const conditions = preconditions(c);
      if (conditions === undefined) return tagged;
      const modified = replyField(c, tagged, "last-modified");
      const outcome = evaluate(method, conditions, {
        etag: replyField(c, tagged, "etag") ?? undefined,
        lastModified: modified === null ? undefined : parseHttpDate(modified),
      });
      if (outcome === "proceed") return tagged;
      tagged.discard();
      if (outcome === "failed") throw new Failed();
      return notModified(c, tagged);
    },
    { errors: [Failed] },
  );
}

async function withTag(c: Context, reply: Reply, prefix: string): Promise<Reply> {
  const body = wholeBody(reply);
  if (body === null || isSource(body) || replyField(c, reply, "etag") !== null) return reply;
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const hash = await sha256(bytes);
  const own = changeable(reply);
  // 128 bits of it are plenty to tell states of one address apart.
  own.headers.set("ETag", `${prefix}"${toBase64Url(hash.subarray(0, 16))}"`);
  return own;
}

/** Below it a digest at once takes less than a turn to another thread and back; above, others need not wait. */
const AT_ONCE = 64 * 1024;

async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  const host = bytes.byteLength > AT_ONCE ? undefined : await platform().catch(() => undefined);
  if (host !== undefined) return host.digest("sha256", bytes);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
}

function preconditions(c: Context): Preconditions | undefined {
  const { headers } = c.exchange;
  const field = (name: string): string | undefined => headers.joined(name) ?? undefined;
  const found: Preconditions = {
    ifMatch: field("if-match"),
    ifNoneMatch: field("if-none-match"),
    ifModifiedSince: field("if-modified-since"),
    ifUnmodifiedSince: field("if-unmodified-since"),
  };
  return Object.values(found).every((value) => value === undefined) ? undefined : found;
}

/** Fields about content that is not sent. RFC 9110 15.4.5 */
const OF_CONTENT = [
  "content-type",
  "content-length",
  "content-encoding",
  "content-language",
  "content-disposition",
  "accept-ranges",
];

function notModified(c: Context, reply: Reply): Reply {
  const headers = new HeaderList(reply.headers.flat.slice());
  for (const list of [headers, c.pendingHeaders]) {
    for (const name of OF_CONTENT) list?.delete(name);
  }
  return new Reply(null, 304, headers);
}
