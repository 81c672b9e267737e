import type { Fetch } from "./transmit.ts";

const FOLLOWED_AT_MOST = 20;

/**
 * A `fetch` that follows redirects within the origin as browsers do (Fetch 4.4): after 303 with GET, after 301
 * and 302 a POST becomes GET, and 307 and 308 send the same again.
 */
export function followRedirects(fetch: Fetch): Fetch {
  return async (first) => {
    let request = first;
    for (let followed = 0; ; followed++) {
      // A second sending needs the body again.
      const again = request.body === null ? undefined : request.clone();
      const response = await fetch(request);
      const location = response.headers.get("location");
      if (!isRedirect(response.status) || location === null) {
        await again?.body?.cancel();
        return response;
      }
      if (followed === FOLLOWED_AT_MOST) {
        throw new TypeError(`${first.url} redirects more than ${FOLLOWED_AT_MOST} times`);
      }
      const target = new URL(location, request.url);
      if (target.origin !== new URL(first.url).origin) {
        throw new TypeError(`${first.url} redirects to another origin, ${target.origin}`);
      }
      await response.body?.cancel();
      request = redirected(request, again, response.status, target.href);
    }
  };
}

function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

function redirected(
  request: Request,
  again: Request | undefined,
  status: number,
  url: string,
): Request {
  const { method, signal } = request;
  const headers = new Headers(request.headers);
  const toGet =
    (status === 303 && method !== "GET" && method !== "HEAD") ||
    ((status === 301 || status === 302) && method === "POST");
  if (!toGet) {
    const body = again?.body ?? null;
    const streamed = body === null ? {} : { body, duplex: "half" };
    return new Request(url, { method, headers, signal, ...streamed } as RequestInit);
  }
  for (const name of ["content-type", "content-length", "content-encoding", "content-language"]) {
    headers.delete(name);
  }
  return new Request(url, { method: "GET", headers, signal });
}
