import type { Metrics } from "../telemetry/metrics/registry.ts";
import { RequestMetrics } from "../telemetry/metrics/request-metrics.ts";
import type { Observer } from "./engine.ts";

/** Counts what a server observes. */
export function metricsObserver(metrics: Metrics): Observer {
  const requests = new RequestMetrics(metrics);
  const open = metrics.gauge("sluice_connections", "Open connections of clients").of();
  const accepted = metrics
    .counter("sluice_connections_total", "Connections that clients have made")
    .of();
  const refusals = metrics.counter(
    "sluice_refusals_total",
    "Requests and connections that were refused before anything could answer them",
    "code",
  );
  const failures = metrics
    .counter("sluice_failures_total", "Errors that were answered with a 500")
    .of();
  return {
    opened() {
      open.value++;
      accepted.value++;
    },
    closed() {
      open.value--;
    },
    finished: (exchange, outcome) => requests.record(exchange, outcome),
    refused({ code }) {
      refusals.of(code).value++;
    },
    failed() {
      failures.value++;
    },
  };
}
