import type { HistogramData } from "../telemetry/metrics/latency-histogram.ts";
import { LatencyHistogram } from "../telemetry/metrics/latency-histogram.ts";
import type { MetricSnapshot } from "../telemetry/metrics/registry.ts";

/** What `GET /status` answers with: how everything behind the gateway is, over all workers. */
export interface Status {
  readonly version: string;
  readonly workers: number;
  readonly upstreams: readonly UpstreamStatus[];
  /** TCP and UDP proxies. */
  readonly streams: readonly StreamStatus[];
  readonly reloads: {
    readonly success: number;
    readonly failure: number;
    /** RFC 3339: when the configuration that is served was loaded. */
    readonly last_success: string | null;
  };
}

export interface UpstreamStatus {
  readonly name: string;
  /** Requests that wait for a place. */
  readonly queued: number;
  readonly retries_denied: number;
  /** By code, of requests that no backend had. */
  readonly faults: Readonly<Record<string, number>>;
  readonly backends: readonly BackendStatus[];
  /** How backends are looked up; null where they are not. */
  readonly discovery: DiscoveryStatus | null;
}

export interface DiscoveryStatus {
  /** What is asked, such as `dns api.internal`. */
  readonly source: string;
  /** `waiting`, `ok`, `failing`; where workers differ, the worst. */
  readonly state: string;
  /** Why it is failing. */
  readonly reason: string | null;
  /** Answers, and times it could not be asked. */
  readonly updates: number;
  readonly failures: number;
}

export interface BackendStatus {
  readonly name: string;
  /** `up`, `unhealthy`, `ejected`, `unreachable`, `open`, `half_open`; where workers differ, the worst. */
  readonly state: string;
  /** Why it is not up. */
  readonly reason: string | null;
  readonly in_flight: number;
  /** Attempts since the start. */
  readonly requests: number;
  readonly retries: number;
  /** Answers of 5xx. */
  readonly errors: number;
  readonly faults: number;
  readonly faults_by_code: Readonly<Record<string, number>>;
  /** Milliseconds to the head of an answer; null before the first. */
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly p99_ms: number | null;
  readonly connections: { readonly open: number; readonly idle: number };
}

export interface StreamStatus {
  readonly name: string;
  readonly transport: "tcp" | "udp";
  /** Connections or sessions: at present, and all there were. */
  readonly open: number;
  readonly total: number;
  readonly bytes_in: number;
  readonly bytes_out: number;
  /** Of UDP. */
  readonly datagrams_in: number;
  readonly datagrams_out: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly backends: readonly {
    readonly name: string;
    /** `unhealthy` by its checks, `down` when it could not be connected to a moment ago. */
    readonly state: "up" | "down" | "unhealthy";
    /** What checks have found wrong. */
    readonly reason: string | null;
    readonly open: number;
    readonly failures: number;
  }[];
}

/** The worst first. */
const STATES = ["unhealthy", "ejected", "open", "unreachable", "half_open", "up"];

/** Reads the status out of the metrics of all workers. */
export function statusOf(version: string, metrics: readonly MetricSnapshot[]): Status {
  const table = new Table(metrics);
  const loaded = table.sum("sluice_reload_last_success_seconds");
  return {
    version,
    workers: table.sum("sluice_info"),
    upstreams: table.rows("sluice_upstream_queued").map(([name = ""]) => upstream(table, name)),
    streams: table
      .rows("sluice_stream_connections")
      .map(([transport, name = ""]) => stream(table, transport === "udp" ? "udp" : "tcp", name)),
    reloads: {
      success: table.sum("sluice_reloads_total", "success"),
      failure: table.sum("sluice_reloads_total", "failure"),
      last_success: loaded === 0 ? null : new Date(loaded * 1000).toISOString(),
    },
  };
}

function upstream(table: Table, name: string): UpstreamStatus {
  return {
    name,
    queued: table.sum("sluice_upstream_queued", name),
    retries_denied: table.sum("sluice_upstream_retries_denied_total", name),
    faults: table.last("sluice_upstream_faults_total", name, ""),
    backends: table
      .rows("sluice_upstream_requests_total", name)
      .map(([, backend = ""]) => backendOf(table, name, backend)),
    discovery: discoveryOf(table, name),
  };
}

function discoveryOf(table: Table, upstreamName: string): DiscoveryStatus | null {
  const [row] = table.rows("sluice_upstream_discovery_updates_total", upstreamName);
  const source = row?.[1];
  if (source === undefined) return null;
  const key = [upstreamName, source] as const;
  const states = table.last("sluice_upstream_discovery_state", ...key);
  const [reason] = Object.keys(table.last("sluice_upstream_discovery_reason", ...key));
  return {
    source,
    state: ["failing", "waiting", "ok"].find((one) => (states[one] ?? 0) > 0) ?? "ok",
    reason: reason ?? null,
    updates: table.sum("sluice_upstream_discovery_updates_total", ...key),
    failures: table.sum("sluice_upstream_discovery_failures_total", ...key),
  };
}

function backendOf(table: Table, upstreamName: string, name: string): BackendStatus {
  const key = [upstreamName, name] as const;
  const states = table.last("sluice_upstream_backend_state", ...key);
  const state = STATES.find((one) => (states[one] ?? 0) > 0) ?? "up";
  const [reason] = Object.keys(table.last("sluice_upstream_backend_reason", ...key, state));
  const faults = table.last("sluice_upstream_faults_total", ...key);
  const connections = table.last("sluice_upstream_connections", ...key);
  const latency = table.histogram("sluice_upstream_response_seconds", ...key);
  const quantile = (share: number): number | null =>
    latency.count === 0 ? null : Math.round(latency.quantile(share) * 1e6) / 1e3;
  return {
    name,
    state,
    reason: reason ?? null,
    in_flight: table.sum("sluice_upstream_in_flight", ...key),
    requests: table.sum("sluice_upstream_requests_total", ...key),
    retries: table.sum("sluice_upstream_retries_total", ...key),
    errors: table.sum("sluice_upstream_errors_total", ...key),
    faults: Object.values(faults).reduce((sum, count) => sum + count, 0),
    faults_by_code: faults,
    p50_ms: quantile(0.5),
    p95_ms: quantile(0.95),
    p99_ms: quantile(0.99),
    connections: { open: connections["open"] ?? 0, idle: connections["idle"] ?? 0 },
  };
}

function stream(table: Table, transport: "tcp" | "udp", name: string): StreamStatus {
  const key = [transport, name] as const;
  return {
    name,
    transport,
    open: table.sum("sluice_stream_connections", ...key),
    total: table.sum("sluice_stream_connections_total", ...key),
    bytes_in: table.sum("sluice_stream_bytes_total", ...key, "in"),
    bytes_out: table.sum("sluice_stream_bytes_total", ...key, "out"),
    datagrams_in: table.sum("sluice_stream_datagrams_total", ...key, "in"),
    datagrams_out: table.sum("sluice_stream_datagrams_total", ...key, "out"),
    faults: table.last("sluice_stream_faults_total", ...key),
    backends: table.rows("sluice_stream_backend_connections", ...key).map(([, , backend = ""]) => ({
      name: backend,
      state:
        table.sum("sluice_stream_backend_unhealthy", ...key, backend) > 0
          ? "unhealthy"
          : table.sum("sluice_stream_backend_down", ...key, backend) > 0
            ? "down"
            : "up",
      reason: Object.keys(table.last("sluice_stream_backend_illness", ...key, backend))[0] ?? null,
      open: table.sum("sluice_stream_backend_connections", ...key, backend),
      failures: table.sum("sluice_stream_backend_failures_total", ...key, backend),
    })),
  };
}

type Series = MetricSnapshot["series"];

/** Metrics to look things up in: by name and the first of their labels. */
class Table {
  readonly #metrics: ReadonlyMap<string, Series>;

  constructor(metrics: readonly MetricSnapshot[]) {
    this.#metrics = new Map(metrics.map(({ name, series }) => [name, series]));
  }

  /** The label values of the series that begin so. */
  rows(metric: string, ...start: string[]): (readonly string[])[] {
    return this.#of(metric, start).map(([labels]) => labels);
  }

  sum(metric: string, ...start: string[]): number {
    return this.#of(metric, start).reduce((sum, [, value]) => sum + (value as number), 0);
  }

  /** What the series that begin so are, by their last label. */
  last(metric: string, ...start: string[]): Record<string, number> {
    const rows = this.#of(metric, start).filter(([labels]) => labels.length === start.length + 1);
    return Object.fromEntries(
      rows.map(([labels, value]) => [labels.at(-1) ?? "", value as number]),
    );
  }

  histogram(metric: string, ...start: string[]): LatencyHistogram {
    const all = new LatencyHistogram();
    for (const [, value] of this.#of(metric, start)) all.merge(value as HistogramData);
    return all;
  }

  #of(metric: string, start: readonly string[]): Series {
    const series = this.#metrics.get(metric) ?? [];
    return series.filter(([labels]) => start.every((label, at) => labels[at] === label));
  }
}
