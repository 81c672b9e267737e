import { CompressedSource } from "../../core/compressed-source.ts";
import type { Context } from "../../core/context.ts";
import type { Middleware } from "../../core/middleware.ts";
import { middleware } from "../../core/middleware.ts";
import type { Reply, ReplyBody } from "../../core/reply.ts";
import { isSource, wholeBody } from "../../core/reply.ts";
import type { Acceptance, ContentCoding } from "../../http/accept-encoding.ts";
import { AcceptanceCache, CODINGS } from "../../http/accept-encoding.ts";
import { isWeak } from "../../http/etag.ts";
import { essenceOf, isCompressible } from "../../http/media-type.ts";
import { parseSize } from "../../internal/parse-size.ts";
import { utf8Length } from "../../runtime/bytes.ts";
import type { CompressionLevels, Platform } from "../../runtime/platform.ts";
import { platform } from "../../runtime/platform.ts";
import { addVary, changeable, replyField } from "../reply-fields.ts";

/** What is compressed, and how. */
export interface CompressOptions {
  /** In the order that decides where a client likes several alike. Default br, zstd, gzip, deflate. */
  codings?: readonly ContentCoding[];
  /** Smaller bodies of a known size stay as they are. Bytes, or `"2KiB"`. Default 1024. */
  minSize?: number | string;
  /** br 0–11 (default 4), zstd 1–19 (3), gzip and deflate 1–9 (6). */
  levels?: Partial<CompressionLevels>;
  /** Whether a media type, without parameters and in lower case, is worth it. Default: text and the like, and event streams. */
  types?: (type: string) => boolean;
}

/**
 * Compresses answers with what the client likes best of brotli, zstd, gzip and deflate (RFC 9110 12.5.3).
 *
 * Streams of unknown length, such as server-sent events, are pressed out at every piece, so nothing waits.
 * Left alone are: types that gain nothing, small bodies, ranges, what is encoded already, what has a digest,
 * and whatever `Cache-Control: no-transform` protects, of the answer or the request. A strong `ETag` becomes
 * a weak one, as these are other bytes than it named.
 *
 * Compressing a secret together with text that an attacker chooses lets its length tell the secret (BREACH):
 * keep such answers out with `no-transform`.
 *
 * @throws RangeError at start when `minSize` is no size, TypeError when a coding is unknown
 * @example
 * new App()
 *   .use(compress())
 *   .get("/words", () => "many words ".repeat(1000));
 */
export function compress(options: CompressOptions = {}): Middleware {
  const { codings = CODINGS, levels = {}, types = worthIt } = options;
  const minSize = parseSize(options.minSize ?? 1024);
  const unknown = codings.find((coding) => !CODINGS.includes(coding));
  if (unknown !== undefined) {
    throw new TypeError(`there is no coding ${JSON.stringify(unknown)}: use ${CODINGS.join(", ")}`);
  }
  const acceptances = new AcceptanceCache(codings);
  return middleware("compress", async (c, next) => {
    const reply = await next();
    if (reply.status === 304) return addVary(reply, "Accept-Encoding");
    if (sizeOf(reply.body) < minSize || !mayCompress(c, reply, types)) return reply;
    const acceptance = acceptances.get(c.exchange.headers.joined("accept-encoding") ?? undefined);
    // A runtime that cannot compress answers all the same.
    const host = await platform().catch(() => undefined);
    if (host === undefined) return reply;
    const coding = bestOf(acceptance, host);
    const varied = addVary(reply, "Accept-Encoding");
    return coding === undefined ? varied : encode(c, varied, coding, levels[coding], host);
  });
}

function worthIt(type: string): boolean {
  return type === "text/event-stream" || isCompressible(type);
}

function mayCompress(c: Context, reply: Reply, types: (type: string) => boolean): boolean {
  const { status, body } = reply;
  if (body === null || status < 200 || status === 204 || status === 205 || status === 206) {
    return false;
  }
  const type = replyField(c, reply, "content-type");
  if (type === null || !types(essenceOf(type))) return false;
  if (UNTOUCHED.some((name) => replyField(c, reply, name) !== null)) return false;
  // RFC 9111 5.2.1.6 and 5.2.2.6
  return !(
    forbidsChange(replyField(c, reply, "cache-control")) ||
    forbidsChange(c.exchange.headers.joined("cache-control"))
  );
}

/** Fields about bytes that would no longer be those. RFC 9530 has the digests. */
const UNTOUCHED = [
  "content-encoding",
  "content-range",
  "content-digest",
  "repr-digest",
  "digest",
  "content-md5",
];

function forbidsChange(cacheControl: string | null): boolean {
  return cacheControl !== null && /(?:^|[\s,])no-transform(?:[\s,]|$)/i.test(cacheControl);
}

/** Infinity where it is not known. */
function sizeOf(body: ReplyBody): number {
  if (body === null) return 0;
  if (typeof body === "string") return utf8Length(body);
  return isSource(body) ? (body.size ?? Infinity) : body.byteLength;
}

function bestOf(acceptance: Acceptance, host: Platform): ContentCoding | undefined {
  const able = (coding: ContentCoding): boolean => host.canCompress(coding);
  const best = acceptance.preferred.find(able);
  return best ?? (acceptance.identity ? undefined : acceptance.tolerated.find(able));
}

async function encode(
  c: Context,
  reply: Reply,
  coding: ContentCoding,
  level: number | undefined,
  host: Platform,
): Promise<Reply> {
  const body = wholeBody(reply);
  if (body === null) return reply;
  if (c.method === "HEAD") {
    // The fields of a GET (RFC 9110 9.3.2), without the work; how long it would be is not known.
    reply.discard();
    return encoded(c, reply, coding, { size: undefined, pull: () => null, cancel: () => {} });
  }
  if (isSource(body)) {
    const compressor = host.createCompressor(coding, level, body.size);
    return encoded(
      c,
      reply,
      coding,
      new CompressedSource(body, compressor, body.size === undefined),
    );
  }
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const packed = await host.compressBytes(coding, bytes, level);
  return packed.byteLength < bytes.byteLength ? encoded(c, reply, coding, packed) : reply;
}

function encoded(c: Context, reply: Reply, coding: ContentCoding, body: ReplyBody): Reply {
  const own = changeable(reply);
  for (const headers of [own.headers, c.pendingHeaders]) {
    if (headers === undefined) continue;
    // Of the bytes as they were; and ranges of these would be of other bytes the next time.
    headers.delete("content-length");
    headers.delete("accept-ranges");
    const tag = headers.get("etag");
    if (tag !== null && !isWeak(tag)) headers.set("ETag", `W/${tag}`);
  }
  own.headers.set("Content-Encoding", coding);
  const copy = own.with(own.headers);
  copy.body = body;
  return copy;
}
