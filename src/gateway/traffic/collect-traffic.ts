import type { Metrics } from "../../telemetry/metrics/registry.ts";
import type { Traffic } from "./traffic.ts";

/** Brings what splits count to the metrics of the process, whenever somebody looks. */
export function collectTraffic(metrics: Metrics, { splits }: Traffic): void {
  const label = ["split", "choice"];
  const requests = metrics.counter(
    "sluice_split_requests_total",
    "Requests by the side of a split that answered, and class of status",
    ...label,
    "status",
  );
  const weights = metrics.highest(
    "sluice_split_weight",
    "The weight of a side of a split at present",
    ...label,
  );
  metrics.onCollect(() => {
    requests.clear();
    weights.clear();
    for (const split of splits.all) {
      for (const [at, { name, weight }] of split.weights.entries()) {
        weights.of(split.name, name).value = weight;
        for (const [kind, count] of (split.counts[at] as Float64Array).entries()) {
          if (count > 0) requests.of(split.name, name, `${kind}xx`).value += count;
        }
      }
    }
  });
}
