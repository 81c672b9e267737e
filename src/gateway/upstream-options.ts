import type { UpstreamConfig } from "../config/schema/config.ts";
import type { HealthCheck } from "../upstream/health/create-checker.ts";
import type { UpstreamOptions } from "../upstream/upstream.ts";
import { readPem } from "./settings.ts";

/** An `[[upstream]]` as the library takes it: milliseconds and shares. Reads certificates. */
export function upstreamOptions(config: UpstreamConfig): UpstreamOptions {
  const { timeouts, keepalive, retry, breaker, ejection, health_check: check } = config;
  return {
    name: config.name,
    strategy: config.strategy,
    ...(config.hash_by !== undefined && { hashBy: config.hash_by }),
    backends: config.backends.map((one) =>
      typeof one === "string"
        ? one
        : {
            url: one.url,
            weight: one.weight,
            backup: one.backup,
            maxConnections: one.max_connections,
          },
    ),
    timeouts: {
      connectMs: timeouts.connect_ms,
      firstByteMs: timeouts.first_byte_ms,
      idleMs: timeouts.idle_ms,
      totalMs: timeouts.total_ms,
      tunnelIdleMs: timeouts.tunnel_idle_ms,
    },
    pool: {
      idleConnections: keepalive.max_idle,
      idleMs: keepalive.idle_secs * 1_000,
      ageMs: keepalive.max_age_secs * 1_000,
    },
    tls: tlsOptions(config),
    retry: {
      attempts: retry.attempts,
      statuses: retry.statuses,
      ratio: retry.budget_percent / 100,
      minPerSecond: retry.min_per_sec,
      baseMs: retry.backoff_ms,
      maxMs: retry.max_backoff_ms,
      replayBytes: retry.replay_bytes,
    },
    ...(breaker && {
      breaker: {
        consecutiveFaults: breaker.consecutive_faults,
        errorRate: breaker.error_percent / 100,
        minRequests: breaker.min_requests,
        windowMs: breaker.window_ms,
        openMs: breaker.open_ms,
        maxProbes: breaker.max_probes,
        successes: breaker.successes,
      },
    }),
    ...(ejection && {
      ejection: {
        consecutiveFaults: ejection.consecutive_faults,
        errorRate: ejection.error_percent / 100,
        minRequests: ejection.min_requests,
        windowMs: ejection.window_ms,
        baseMs: ejection.base_ms,
        maxMs: ejection.max_ms,
        maxShare: ejection.max_percent / 100,
      },
    }),
    ...(check && { healthCheck: healthCheck(check) }),
    slowStartMs: config.slow_start_secs * 1_000,
    panicThreshold: config.panic_threshold / 100,
    maxInFlight: config.max_in_flight,
    queue: config.queue,
    queueMs: config.queue_timeout_ms,
  };
}

function healthCheck(config: NonNullable<UpstreamConfig["health_check"]>): HealthCheck {
  const { type, path, method, host, headers, status, body, service } = config;
  return {
    intervalMs: config.interval_secs * 1_000,
    timeoutMs: config.timeout_ms,
    thresholds: { healthy: config.healthy_threshold, unhealthy: config.unhealthy_threshold },
    probe:
      type === "http"
        ? { type, path, method, host, headers, status, body }
        : type === "grpc"
          ? { type, service, host, headers }
          : { type },
  };
}

function tlsOptions({ tls }: UpstreamConfig): NonNullable<UpstreamOptions["tls"]> {
  return {
    verify: tls.verify,
    minVersion: `TLSv${tls.min_version}`,
    ...(tls.server_name !== undefined && { serverName: tls.server_name }),
    ...(tls.ca !== undefined && { ca: readPem(tls.ca) }),
    ...(tls.cert !== undefined && { cert: readPem(tls.cert) }),
    ...(tls.key !== undefined && { key: readPem(tls.key) }),
  };
}
