import type { HealthCheck } from "./create-checker.ts";
import type { GrpcProbeOptions } from "./grpc-probe.ts";
import type { HealthCheckOptions } from "./health-checker.ts";
import type { HealthThresholds } from "./health-state.ts";
import type { HttpProbeOptions } from "./http-probe.ts";

/**
 * How backends are asked whether they are well. What is left out is as in a configuration: `GET /` every ten seconds
 * with two seconds for the answer, good from 200 to 399; three bad checks in a row, and two good ones, are believed.
 */
export interface HealthCheckSettings extends Partial<HealthCheckOptions> {
  readonly thresholds?: Partial<HealthThresholds>;
  /** `http` (default) sends a request, `tcp` only connects, `grpc` asks grpc.health.v1.Health. */
  readonly probe?:
    | ({ readonly type?: "http" } & Partial<HttpProbeOptions>)
    | { readonly type: "tcp" }
    | ({ readonly type: "grpc" } & Partial<GrpcProbeOptions>);
}

/** With everything that was left out. @throws TypeError for a path or a pace that cannot be */
export function completeHealthCheck(settings: HealthCheckSettings): HealthCheck {
  const { intervalMs = 10_000, timeoutMs = 2_000, thresholds, probe = {} } = settings;
  for (const [name, value] of Object.entries({ intervalMs, timeoutMs })) {
    if (typeof value !== "number" || !(value > 0)) {
      throw new TypeError(`healthCheck.${name} is a number of milliseconds above 0`);
    }
  }
  return {
    intervalMs,
    timeoutMs,
    thresholds: { healthy: 2, unhealthy: 3, ...thresholds },
    probe: completeProbe(probe),
  };
}

function completeProbe(probe: NonNullable<HealthCheckSettings["probe"]>): HealthCheck["probe"] {
  const fields = { host: undefined, headers: {} };
  if (probe.type === "tcp") return probe;
  if (probe.type === "grpc") return { ...fields, service: "", ...probe };
  const http = { method: "GET", path: "/", status: ["200-399"], body: undefined, ...fields };
  const whole = { ...http, ...probe, type: "http" } as const;
  if (!whole.path.startsWith("/")) {
    throw new TypeError(
      `healthCheck.probe.path begins with "/", not ${JSON.stringify(whole.path)}`,
    );
  }
  return whole;
}
