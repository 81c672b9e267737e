export { bodyLimit } from "./body-limit/body-limit.ts";
export { cacheControl } from "./cache-control/cache-control.ts";
export type { CacheControlOptions } from "./cache-control/cache-control.ts";
export { compress } from "./compress/compress.ts";
export type { CompressOptions } from "./compress/compress.ts";
export { cors } from "./cors/cors.ts";
export type { CorsOptions } from "./cors/cors.ts";
export type { OriginRule } from "./cors/origin-rule.ts";
export { etag } from "./etag/etag.ts";
export type { EtagOptions } from "./etag/etag.ts";
export { ipFilter } from "./ip-filter/ip-filter.ts";
export type { IpFilterOptions } from "./ip-filter/ip-filter.ts";
export { logger } from "./logger/logger.ts";
export type { LoggerOptions, RequestRecord } from "./logger/logger.ts";
export { maintenance } from "./maintenance/maintenance.ts";
export type { Maintenance, MaintenanceOptions } from "./maintenance/maintenance.ts";
export { metrics } from "./metrics/metrics.ts";
export type { MetricsOptions } from "./metrics/metrics.ts";
export { methodOverride } from "./method-override/method-override.ts";
export type { MethodOverrideOptions } from "./method-override/method-override.ts";
export type { RateLimitKey } from "./rate-limit/client-key.ts";
export { rateLimit } from "./rate-limit/rate-limit.ts";
export type { RateLimitOptions } from "./rate-limit/rate-limit.ts";
export { requestId } from "./request-id/request-id.ts";
export type { RequestIdOptions, RequestIdVars } from "./request-id/request-id.ts";
export { rewriteHeaders } from "./rewrite-headers/rewrite-headers.ts";
export type {
  HeaderChanges,
  HeaderReplacement,
  RewriteHeadersOptions,
} from "./rewrite-headers/rewrite-headers.ts";
export { rewriteResponse } from "./rewrite-response/rewrite-response.ts";
export type { RewriteResponseOptions } from "./rewrite-response/rewrite-response.ts";
export type { TextRule } from "./text-rule.ts";
export type { PathPattern, RewriteChange, RewriteOutcome } from "./rewrite/rewrite-rule.ts";
export type { RewriteRule } from "./rewrite/rewrite-rule.ts";
export { rewrite } from "./rewrite/rewrite.ts";
export type { RewriteOptions } from "./rewrite/rewrite.ts";
export type { CspDirectives } from "./security-headers/content-security-policy.ts";
export { securityHeaders } from "./security-headers/security-headers.ts";
export type {
  HstsOptions,
  NonceVars,
  SecurityHeadersOptions,
} from "./security-headers/security-headers.ts";
export { timeout } from "./timeout/timeout.ts";
export { trustedProxy } from "./trusted-proxy/trusted-proxy.ts";
export type { TrustedProxyOptions } from "./trusted-proxy/forwarded-reader.ts";
export type { Store, StoreValue } from "../store/store.ts";
export { MemoryStore } from "../store/memory-store.ts";
export type { MemoryStoreOptions } from "../store/memory-store.ts";
