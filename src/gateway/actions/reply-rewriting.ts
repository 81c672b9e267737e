import type { RouteConfig } from "../../config/schema/config.ts";
import type { ReplyRewriting } from "../../proxy/reply-rewriting.ts";

type Settings = Pick<
  Extract<RouteConfig["action"], { type: "proxy" }>,
  "location" | "cookie_domain" | "cookie_path"
>;

/** What of answers is rewritten, as the proxy takes it. */
export function replyRewritingOf(settings: Settings): ReplyRewriting {
  const { location, cookie_domain: domain, cookie_path: path } = settings;
  return { location, cookies: { domain, path } };
}
