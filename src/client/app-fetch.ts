import type { AppLike } from "../core/mounted.ts";
import { isApp } from "../core/mounted.ts";
import { ClientCookies } from "./client-cookies.ts";
import type { ClientOptions } from "./client-options.ts";
import { followRedirects } from "./follow-redirects.ts";
import type { Fetch } from "./transmit.ts";
import { withCookies } from "./with-cookies.ts";

/** An App that answers by itself. */
interface FetchApp extends AppLike {
  fetch(request: Request): Promise<Response>;
}

/**
 * Asks an App without a socket, as a browser would: with cookies, and redirects where they are wanted.
 * @throws TypeError for what is no App
 */
export function appFetch(app: AppLike, options: ClientOptions): Fetch {
  if (!isApp(app) || typeof (app as Partial<FetchApp>).fetch !== "function") {
    throw new TypeError("a client is of an App or of an http or https URL");
  }
  const ask: Fetch = options.fetch ?? ((request) => (app as FetchApp).fetch(request));
  const fetch = withCookies(ask, options.cookies ?? new ClientCookies());
  return options.redirect === "follow" ? followRedirects(fetch) : fetch;
}
