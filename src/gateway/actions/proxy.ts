import type { RouteConfig, UpstreamConfig } from "../../config/schema/config.ts";
import type { Handler } from "../../core/handler.ts";
import { proxy } from "../../proxy/proxy.ts";
import { replyRewritingOf } from "./reply-rewriting.ts";
import type { UpstreamSet } from "../upstreams.ts";

type ProxyAction = Extract<RouteConfig["action"], { type: "proxy" }>;

/** What actions that ask an upstream have in common. */
export type ForwardingAction = Pick<
  ProxyAction,
  "host" | "forwarded" | "via" | "location" | "cookie_domain" | "cookie_path"
>;

/** Asks the upstream of that name. */
export function proxyAction(
  name: string,
  action: ForwardingAction,
  upstreams: UpstreamSet,
  configs: readonly UpstreamConfig[],
): Handler {
  const { forwarded, via } = action;
  const host = configs.find((config) => config.name === name)?.host ?? "preserve";
  return proxy(upstreams.get(name), {
    host: action.host ?? host,
    ...replyRewritingOf(action),
    forwarding: { fields: forwarded, via: via === "" ? undefined : via },
  });
}
