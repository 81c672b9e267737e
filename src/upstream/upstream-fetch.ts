import { HeaderList } from "../http/header-list.ts";
import { isHopByHop } from "../http/hop-by-hop.ts";
import type { Source } from "../wire/source.ts";
import { streamFromSource } from "../wire/source.ts";
import type { UpstreamReply } from "./call.ts";
import type { Upstream } from "./upstream.ts";

/**
 * A `fetch` for requests without a body that goes to an upstream: of the address only path and query count. It
 * follows no redirects and rejects with an `UpstreamFault`.
 *
 * @param authority what is sent as Host; the backend's own if left out
 * @example
 * const auth = new Upstream({ name: "auth", backends: ["unix:/run/auth.sock"] });
 * new App().use(forwardAuth({ url: "http://auth/verify", fetch: upstreamFetch(auth) }));
 */
export function upstreamFetch(
  upstream: Upstream,
  authority?: string,
): (url: string, init: RequestInit) => Promise<Response> {
  return (url, { method = "GET", headers, signal }) => {
    const fields = HeaderList.from(headers as Headers | undefined);
    const request = { method, target: targetOf(url), authority, headers: fields, body: null };
    // Its times count as those of any other upstream do.
    const delivery = upstream.send(request, responseOf, { timed: true });
    if (signal?.aborted === true) delivery.cancel(signal.reason);
    signal?.addEventListener("abort", () => delivery.cancel(signal.reason), { once: true });
    return delivery.outcome;
  };
}

function targetOf(url: string): string {
  const at = url.indexOf("/", url.indexOf("://") + 3);
  return at < 0 ? "/" : url.slice(at);
}

function responseOf({ status, headers, body }: UpstreamReply): Response {
  const fields = new Headers();
  for (const [name, value] of headers) if (!isHopByHop(name)) fields.append(name, value);
  return new Response(body === null ? null : contentOf(body), { status, headers: fields });
}

function contentOf(body: Uint8Array | Source): BodyInit {
  return body instanceof Uint8Array ? new Uint8Array(body) : streamFromSource(body);
}
