import { connectPlain } from "../../runtime/bun-connect.ts";
import type { Backend } from "../backend.ts";
import { dial } from "../dial.ts";
import type { GrpcProbeOptions } from "./grpc-probe.ts";
import { grpcProbe } from "./grpc-probe.ts";
import type { HealthCheckOptions, Probe } from "./health-checker.ts";
import { HealthChecker } from "./health-checker.ts";
import type { HealthThresholds } from "./health-state.ts";
import { HealthState } from "./health-state.ts";
import type { HttpProbeOptions } from "./http-probe.ts";
import { httpProbe } from "./http-probe.ts";
import { sendOver } from "./send-probe.ts";
import { tcpProbe } from "./tcp-probe.ts";

/** What a check of backends asks, how often, and what it takes to believe it. */
export type HealthCheck = HealthCheckOptions & {
  readonly thresholds: HealthThresholds;
  /** `http` sends a request, `tcp` only connects, `grpc` asks grpc.health.v1.Health. */
  readonly probe:
    | ({ readonly type: "http" } & HttpProbeOptions)
    | { readonly type: "tcp" }
    | ({ readonly type: "grpc" } & GrpcProbeOptions);
};

/** Checks a backend and tells it what was found. */
export function createChecker(backend: Backend, check: HealthCheck): HealthChecker {
  const state: HealthState = new HealthState(check.thresholds, (healthy) =>
    backend.noteHealth(healthy, state.reason),
  );
  return new HealthChecker(probeOf(backend, check), state, check);
}

function probeOf({ endpoint, transport }: Backend, { probe }: HealthCheck): Probe {
  switch (probe.type) {
    case "http":
      return httpProbe(probe, sendOver(transport));
    case "grpc":
      return grpcProbe(probe, sendOver(transport));
    case "tcp":
      return tcpProbe((signal) => dial(endpoint, connectPlain, signal));
  }
}
