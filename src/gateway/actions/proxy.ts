import type { RouteConfig } from "../../config/schema/config.ts";
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

/** What each upstream says is to be sent as Host. */
export type UpstreamHosts = ReadonlyMap<string, string>;

/** Asks the upstream of that name. */
export function proxyAction(
  name: string,
  action: ForwardingAction,
  upstreams: UpstreamSet,
  hosts: UpstreamHosts,
): Handler {
  const { forwarded, via } = action;
  return proxy(upstreams.get(name), {
    host: hostFor(name, action, hosts),
    ...replyRewritingOf(action),
    forwarding: { fields: forwarded, via: via === "" ? undefined : via },
  });
}

/** What is sent as Host: what the action says, else what the upstream does. */
export function hostFor(name: string, { host }: ForwardingAction, hosts: UpstreamHosts): string {
  return host ?? hosts.get(name) ?? "preserve";
}
