export type { UpstreamReply, UpstreamRequest, UpstreamTimeouts } from "./call.ts";
export { UpstreamFault } from "./fault.ts";
export type { FaultCode } from "./fault.ts";
export type { PoolLimits } from "./pool-limits.ts";
export { Upstream } from "./upstream.ts";
export type { UpstreamTls } from "./transport-to.ts";
export type { BackendOptions, UpstreamOptions } from "./upstream.ts";
export type { Backend, BackendState } from "./backend.ts";
export type { UpstreamObserver } from "./upstream-observer.ts";
