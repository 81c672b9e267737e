import type { RouteConfig, UpstreamConfig } from "../../config/schema/config.ts";
import type { Handler } from "../../core/handler.ts";
import { proxy } from "../../proxy/proxy.ts";
import type { UpstreamSet } from "../upstreams.ts";

type ProxyAction = Extract<RouteConfig["action"], { type: "proxy" }>;

/** Asks the upstream that the action names. */
export function proxyAction(
  action: ProxyAction,
  upstreams: UpstreamSet,
  configs: readonly UpstreamConfig[],
): Handler {
  const { forwarded, via } = action;
  const host = configs.find(({ name }) => name === action.upstream)?.host ?? "preserve";
  return proxy(upstreams.get(action.upstream), {
    host: action.host ?? host,
    forwarding: { fields: forwarded, via: via === "" ? undefined : via },
  });
}
