import type { ClientCookies } from "./client-cookies.ts";
import type { Fetch } from "./transmit.ts";

/** A `fetch` that keeps cookies and sends them back, over redirects too if it is inside of what follows them. */
export function withCookies(fetch: Fetch, cookies: ClientCookies): Fetch {
  return async (request) => {
    const { pathname } = new URL(request.url);
    const own = request.headers.get("cookie");
    const kept = cookies.header(pathname);
    if (kept !== "") {
      request.headers.set("cookie", own === null || own === "" ? kept : `${own}; ${kept}`);
    }
    const response = await fetch(request);
    cookies.take(response.headers, pathname);
    return response;
  };
}
