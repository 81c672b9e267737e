import type { Context } from "../../core/context.ts";
import { Reply } from "../../core/reply.ts";
import { evaluate } from "../../http/conditional.ts";
import { HeaderList } from "../../http/header-list.ts";
import { toBase64Url } from "../../internal/base64url.ts";

/** A representation with its entity tag, ready to be sent many times. */
export interface Served {
  readonly etag: string;
  readonly body: Uint8Array;
  readonly headers: HeaderList;
  /** Those of a 304 (RFC 9110 15.4.5). */
  readonly unchanged: HeaderList;
}

export async function served(
  content: string | Uint8Array,
  type: string,
  fields: readonly string[] = [],
): Promise<Served> {
  const body = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const hash = await crypto.subtle.digest("SHA-256", body as Uint8Array<ArrayBuffer>);
  const etag = `"${toBase64Url(new Uint8Array(hash, 0, 16))}"`;
  // It changes with the program, whose addresses stay the same: browsers ask each time.
  const always = ["ETag", etag, "Cache-Control", "no-cache", "X-Content-Type-Options", "nosniff"];
  return {
    etag,
    body,
    headers: new HeaderList(["Content-Type", type, ...always, ...fields]).freeze(),
    unchanged: new HeaderList(always).freeze(),
  };
}

/** Sends it, or 304 to a client that has it. */
export function send(c: Context, { etag, body, headers, unchanged }: Served): Reply {
  const ifNoneMatch = c.requestHeaders.joined("if-none-match") ?? undefined;
  const outcome = evaluate(c.method, { ifNoneMatch }, { etag, lastModified: undefined });
  return outcome === "not_modified"
    ? new Reply(null, 304, unchanged)
    : new Reply(body, 200, headers);
}
