import { HeaderList } from "../http/header-list.ts";
import { isHopByHop } from "../http/hop-by-hop.ts";
import type { Source } from "../wire/source.ts";
import { streamFromSource } from "../wire/source.ts";
import { hashKey } from "./balance/hash-key.ts";
import { keyReader } from "./balance/key-reader.ts";
import type { UpstreamReply } from "./call.ts";
import type { Upstream } from "./upstream.ts";
import type { Receiver } from "./receiver.ts";

/** How {@link upstreamFetch} asks. */
export interface UpstreamFetchOptions {
  /** What is sent as Host; the backend's own if left out. */
  readonly authority?: string;
  /**
   * What keeps a request with its backend, for the strategies `hash` and `ip_hash`. Left out, `hash` takes what the
   * upstream's `hashBy` names of the request itself. Who has no key (undefined) is sent to any backend.
   */
  readonly key?: (url: string, init: RequestInit) => string | undefined;
}

/**
 * A `fetch` for requests without a body that goes to an upstream: of the address only path and query count. It
 * follows no redirects and rejects with an `UpstreamFault`.
 *
 * @throws TypeError when the upstream's `hashBy` is none of `path`, `header:NAME`, `cookie:NAME`, `query:NAME`
 * @example
 * const auth = new Upstream({ name: "auth", backends: ["unix:/run/auth.sock"] });
 * new App().use(forwardAuth({ url: "http://auth/verify", fetch: upstreamFetch(auth) }));
 */
export function upstreamFetch(
  upstream: Upstream,
  { authority, key }: UpstreamFetchOptions = {},
): (url: string, init: RequestInit) => Promise<Response> {
  const { strategy } = upstream;
  const isHashed = strategy === "hash" || strategy === "ip_hash";
  const own = strategy === "hash" && key === undefined ? keyReader(upstream.hashBy) : undefined;
  return (url, init) => {
    const { method = "GET", headers, signal } = init;
    const fields = HeaderList.from(headers as Headers | undefined);
    const target = targetOf(url);
    const request = { method, target, authority, headers: fields, body: null };
    let hash = 0;
    if (isHashed) {
      const [path = "", query = ""] = split(target);
      const found = key === undefined ? own?.(path, query, fields) : key(url, init);
      hash = found === undefined ? anyHash() : hashKey(found);
    }
    // Its times count as those of any other upstream do.
    const delivery = upstream.send(request, RECEIVER, { timed: true, hash });
    if (signal?.aborted === true) delivery.cancel(signal.reason);
    signal?.addEventListener("abort", () => delivery.cancel(signal.reason), { once: true });
    return delivery.outcome;
  };
}

function targetOf(url: string): string {
  const at = url.indexOf("/", url.indexOf("://") + 3);
  return at < 0 ? "/" : url.slice(at);
}

function split(target: string): string[] {
  const at = target.indexOf("?");
  return at < 0 ? [target] : [target.slice(0, at), target.slice(at + 1)];
}

/** A uint32. */
function anyHash(): number {
  return Math.floor(Math.random() * 0x1_0000_0000);
}

const RECEIVER: Receiver<Response> = { convert: responseOf };

function responseOf({ status, headers, body }: UpstreamReply): Response {
  const fields = new Headers();
  for (const [name, value] of headers) if (!isHopByHop(name)) fields.append(name, value);
  return new Response(body === null ? null : contentOf(body), { status, headers: fields });
}

function contentOf(body: Uint8Array | Source): BodyInit {
  return body instanceof Uint8Array ? new Uint8Array(body) : streamFromSource(body);
}
