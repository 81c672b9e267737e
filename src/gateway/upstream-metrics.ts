import type { Metrics } from "../telemetry/metrics/registry.ts";
import type { Backend, BackendState } from "../upstream/backend.ts";
import type { Discovery, DiscoveryState } from "../upstream/discovery/discovery.ts";
import type { Upstream } from "../upstream/upstream.ts";

const STATES: readonly BackendState[] = [
  "up",
  "unhealthy",
  "ejected",
  "unreachable",
  "open",
  "half_open",
];

const DISCOVERY_STATES: readonly DiscoveryState[] = ["waiting", "ok", "failing"];

/**
 * Brings what upstreams count to the metrics of the process, whenever somebody looks. What was there at the last
 * look and is gone disappears.
 * @param all the upstreams in use at the time
 */
export function collectUpstreams(metrics: Metrics, all: () => readonly Upstream[]): void {
  const backend = ["upstream", "backend"];
  const requests = metrics.counter(
    "sluice_upstream_requests_total",
    "Attempts to have a backend answer a request",
    ...backend,
  );
  const faults = metrics.counter(
    "sluice_upstream_faults_total",
    "Attempts that failed, by what went wrong; those that no backend had without one",
    ...backend,
    "code",
  );
  const errors = metrics.counter("sluice_upstream_errors_total", "Answers of 5xx", ...backend);
  const retries = metrics.counter(
    "sluice_upstream_retries_total",
    "Attempts after the first of a request",
    ...backend,
  );
  const denied = metrics.counter(
    "sluice_upstream_retries_denied_total",
    "Retries that the budget did not allow",
    "upstream",
  );
  const inFlight = metrics.gauge("sluice_upstream_in_flight", "Attempts under way", ...backend);
  const queued = metrics.gauge(
    "sluice_upstream_queued",
    "Requests that wait because max_in_flight are under way",
    "upstream",
  );
  const latency = metrics.histogram(
    "sluice_upstream_response_seconds",
    "Time from an attempt to the head of its answer",
    ...backend,
  );
  const connections = metrics.gauge(
    "sluice_upstream_connections",
    "Connections to a backend: all that are open, and those of them that are idle",
    ...backend,
    "kind",
  );
  const states = metrics.gauge(
    "sluice_upstream_backend_state",
    "How many processes see a backend in a state",
    ...backend,
    "state",
  );
  const opened = metrics.counter(
    "sluice_upstream_breaker_opened_total",
    "Times a circuit breaker opened",
    ...backend,
  );
  const ejections = metrics.counter(
    "sluice_upstream_ejections_total",
    "Times a backend was ejected",
    ...backend,
  );
  const reasons = metrics.texts(
    "sluice_upstream_backend_reason",
    "Why a backend is not up",
    ...backend,
    "state",
    "reason",
  );
  const discovery = ["upstream", "source"];
  const discoveryStates = metrics.gauge(
    "sluice_upstream_discovery_state",
    "How many processes see the discovery of backends in a state",
    ...discovery,
    "state",
  );
  const updates = metrics.counter(
    "sluice_upstream_discovery_updates_total",
    "Answers of what names backends",
    ...discovery,
  );
  const failures = metrics.counter(
    "sluice_upstream_discovery_failures_total",
    "Times that it could not be asked",
    ...discovery,
  );
  const discoveryReasons = metrics.texts(
    "sluice_upstream_discovery_reason",
    "Why it cannot be asked",
    ...discovery,
    "reason",
  );
  const collected = [
    discoveryStates,
    updates,
    failures,
    discoveryReasons,
    requests,
    faults,
    errors,
    retries,
    denied,
    inFlight,
    queued,
    latency,
    connections,
    states,
    opened,
    ejections,
    reasons,
  ];

  const collectBackend = (upstream: string, one: Backend): void => {
    const { name, state, reason } = one;
    requests.of(upstream, name).value += one.requests;
    errors.of(upstream, name).value += one.errors;
    retries.of(upstream, name).value += one.retries;
    inFlight.of(upstream, name).value += one.inFlight;
    opened.of(upstream, name).value += one.opened;
    ejections.of(upstream, name).value += one.ejections;
    latency.of(upstream, name).merge(one.latency);
    const { open, idle } = one.transport.connections;
    connections.of(upstream, name, "open").value += open;
    connections.of(upstream, name, "idle").value += idle;
    for (const [code, count] of one.faultCounts) faults.of(upstream, name, code).value += count;
    for (const each of STATES) states.of(upstream, name, each).value += each === state ? 1 : 0;
    if (reason !== undefined) reasons.of(upstream, name, state, reason).value++;
  };

  const collectDiscovery = (upstream: string, one: Discovery): void => {
    const { name, state, reason } = one;
    updates.of(upstream, name).value += one.updates;
    failures.of(upstream, name).value += one.failures;
    for (const each of DISCOVERY_STATES) {
      discoveryStates.of(upstream, name, each).value += each === state ? 1 : 0;
    }
    if (reason !== undefined) discoveryReasons.of(upstream, name, reason).value++;
  };

  metrics.onCollect(() => {
    for (const metric of collected) metric.clear();
    // While requests of the configuration before end, there may be two of a name: they are added up.
    for (const upstream of all()) {
      const { name } = upstream;
      queued.of(name).value += upstream.load.queued;
      denied.of(name).value += upstream.retriesDenied;
      for (const [code, count] of upstream.faultCounts) faults.of(name, "", code).value += count;
      for (const one of upstream.backends) collectBackend(name, one);
      if (upstream.discovery !== undefined) collectDiscovery(name, upstream.discovery);
    }
  });
}
