import type { RouteConfig, UpstreamConfig } from "../../config/schema/config.ts";
import type { Handler } from "../../core/handler.ts";
import { parseSize } from "../../internal/parse-size.ts";
import type { MirrorCounts } from "../../proxy/mirror/mirror-counts.ts";
import { mirror } from "../../proxy/mirror/mirror.ts";
import type { UpstreamSet } from "../upstreams.ts";
import { hostFor, proxyAction } from "./proxy.ts";

type MirrorAction = Extract<RouteConfig["action"], { type: "mirror" }>;

/** Asks one upstream and sends copies to another. */
export function mirrorAction(
  action: MirrorAction,
  counts: MirrorCounts,
  upstreams: UpstreamSet,
  configs: readonly UpstreamConfig[],
): Handler {
  const { forwarded, via, copy_to: copyTo } = action;
  return mirror(proxyAction(action.upstream, action, upstreams, configs), upstreams.get(copyTo), {
    percent: action.percent,
    maxBody: parseSize(action.max_body),
    maxInFlight: action.max_in_flight,
    timeoutMs: action.timeout_ms,
    forwarding: { fields: forwarded, via: via === "" ? undefined : via },
    host: hostFor(copyTo, action, configs),
    counts,
  });
}
