import type { Exchange } from "../../core/exchange.ts";
import { routeLabel } from "../../core/route-label.ts";
import type { RouteInfo } from "../../core/route.ts";
import type { LatencyHistogram } from "./latency-histogram.ts";
import type { Metric, Metrics, Value } from "./registry.ts";

/** Methods that are counted by name: others are made up by clients, without end. */
const METHODS = new Set([
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "CONNECT",
  "QUERY",
]);

interface Ended {
  readonly status: number;
  readonly bytes: number;
  readonly durationMs: number;
  readonly error: unknown;
}

/** What one route keeps at hand, so that a request costs no look-up by text. */
interface RouteMeters {
  readonly label: string;
  readonly duration: LatencyHistogram;
  readonly bytes: Value;
  readonly byOutcome: Map<string, Value>[];
}

/** Counts requests by method, route and status, and how long they took. The labels are those of the routes: a client cannot add to them. */
export class RequestMetrics {
  readonly #requests: Metric<Value>;
  readonly #aborted: Metric<Value>;
  readonly #duration: Metric<LatencyHistogram>;
  readonly #bytes: Metric<Value>;
  readonly #routes = new WeakMap<RouteInfo, RouteMeters>();
  readonly #nowhere: RouteMeters;

  constructor(metrics: Metrics) {
    this.#requests = metrics.counter(
      "sluice_requests_total",
      "Requests that were answered",
      "method",
      "route",
      "status",
    );
    this.#aborted = metrics.counter(
      "sluice_requests_aborted_total",
      "Requests that ended before their answer did",
      "route",
    );
    this.#duration = metrics.histogram(
      "sluice_request_duration_seconds",
      "Time from the head of a request to the end of its answer",
      "route",
    );
    this.#bytes = metrics.counter(
      "sluice_response_bytes_total",
      "Bytes of content that were sent",
      "route",
    );
    this.#nowhere = this.#metersOf("none");
  }

  record(exchange: Exchange, { status, bytes, durationMs, error }: Ended): void {
    const { route } = exchange;
    const meters = route === undefined ? this.#nowhere : this.#of(route);
    if (error !== undefined) this.#aborted.of(meters.label).value++;
    meters.duration.record(durationMs);
    meters.bytes.value += bytes;
    const byMethod = (meters.byOutcome[status] ??= new Map());
    const { method } = exchange;
    let counter = byMethod.get(method);
    if (counter === undefined) {
      const known = METHODS.has(method) ? method : "other";
      counter = this.#requests.of(known, meters.label, String(status));
      // What a client makes up is not kept.
      if (known === method) byMethod.set(method, counter);
    }
    counter.value++;
  }

  #of(route: RouteInfo): RouteMeters {
    let meters = this.#routes.get(route);
    if (meters === undefined) {
      meters = this.#metersOf(routeLabel(route));
      this.#routes.set(route, meters);
    }
    return meters;
  }

  #metersOf(label: string): RouteMeters {
    return {
      label,
      duration: this.#duration.of(label),
      bytes: this.#bytes.of(label),
      byOutcome: [],
    };
  }
}
