import type { Handler } from "./handler.ts";
import { withMethod } from "./web-request.ts";

/** A handler that asks a `fetch`-shaped function, with the prefix cut off the address. */
export function mountFetch(
  prefix: string,
  fetch: (request: Request) => Response | Promise<Response>,
): Handler {
  const cut = prefix === "/" ? 0 : prefix.length;
  return (c) => {
    const { url } = c;
    url.pathname = c.path.slice(cut) || "/";
    return fetch(withMethod(new Request(url, c.request), c.method));
  };
}
