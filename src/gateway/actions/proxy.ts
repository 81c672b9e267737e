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
  return proxy(upstreams.get(name), {
    host: hostFor(name, action, configs),
    ...replyRewritingOf(action),
    forwarding: { fields: forwarded, via: via === "" ? undefined : via },
  });
}

/** What is sent as Host: what the action says, else what the upstream does. */
export function hostFor(
  name: string,
  { host }: ForwardingAction,
  configs: readonly UpstreamConfig[],
): string {
  return host ?? configs.find((config) => config.name === name)?.host ?? "preserve";
}
