import type { Report } from "../server/lifecycle/event.ts";
import type { Metrics } from "../telemetry/metrics/registry.ts";

/** Counts what became of reloads, as it is reported. The start counts as the first success, in its time only. */
export function countReloads(metrics: Metrics, report: Report): Report {
  const total = metrics.counter(
    "sluice_reloads_total",
    "Reloads by what became of them",
    "outcome",
  );
  const last = metrics.highest(
    "sluice_reload_last_success_seconds",
    "When the configuration that is served was loaded, seconds since 1970",
  );
  const success = total.of("success");
  const failure = total.of("failure");
  last.of().value = Date.now() / 1000;
  return (event) => {
    if (event.event === "reloaded") {
      success.value++;
      last.of().value = Date.now() / 1000;
    } else if (event.event === "reload_failed") failure.value++;
    report(event);
  };
}
