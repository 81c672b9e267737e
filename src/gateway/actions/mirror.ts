import type { RouteConfig } from "../../config/schema/config.ts";
import type { Handler } from "../../core/handler.ts";
import { parseSize } from "../../internal/parse-size.ts";
import type { MirrorCounts } from "../../proxy/mirror/mirror-counts.ts";
import { mirror } from "../../proxy/mirror/mirror.ts";
import type { UpstreamSet } from "../upstreams.ts";
import type { UpstreamHosts } from "./proxy.ts";
import { hostFor, proxyAction } from "./proxy.ts";

type MirrorAction = Extract<RouteConfig["action"], { type: "mirror" }>;

/** Asks one upstream and sends copies to another. */
export function mirrorAction(
  action: MirrorAction,
  counts: MirrorCounts,
  upstreams: UpstreamSet,
  hosts: UpstreamHosts,
): Handler {
  const { forwarded, via, copy_to: copyTo } = action;
  return mirror(proxyAction(action.upstream, action, upstreams, hosts), upstreams.get(copyTo), {
    percent: action.percent,
    maxBody: parseSize(action.max_body),
    maxInFlight: action.max_in_flight,
    timeoutMs: action.timeout_ms,
    forwarding: { fields: forwarded, via: via === "" ? undefined : via },
    host: hostFor(copyTo, action, hosts),
    counts,
  });
}
