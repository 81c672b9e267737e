import type { Metrics } from "../../telemetry/metrics/registry.ts";
import type { Traffic } from "./traffic.ts";

/** Brings what splits and mirrors count to the metrics of the process, whenever somebody looks. */
export function collectTraffic(metrics: Metrics, { splits, mirrors }: Traffic): void {
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
  const copies = metrics.counter(
    "sluice_mirror_requests_total",
    "Copies of requests, by what became of them: the class of status that was thrown away, failed, or why none was sent",
    "mirror",
    "outcome",
  );
  const inFlight = metrics.gauge(
    "sluice_mirror_in_flight",
    "Copies of requests under way",
    "mirror",
  );
  metrics.onCollect(() => {
    copies.clear();
    inFlight.clear();
    for (const mirror of mirrors.all) {
      inFlight.of(mirror.name).value += mirror.inFlight;
      for (const [kind, count] of mirror.answered.entries()) {
        if (count > 0) copies.of(mirror.name, `${kind}xx`).value += count;
      }
      copies.of(mirror.name, "failed").value += mirror.failed;
      for (const [reason, count] of Object.entries(mirror.dropped)) {
        copies.of(mirror.name, reason).value += count;
      }
    }
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
