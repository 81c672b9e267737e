import type { Layer4Backend } from "../proxy/layer4/backend-group.ts";
import type { TcpProxy } from "../proxy/tcp/tcp-proxy.ts";
import type { UdpProxy } from "../proxy/udp/udp-proxy.ts";
import type { Metrics } from "../telemetry/metrics/registry.ts";

/** A TCP or UDP proxy that runs, and who it passes on to. */
export interface RunningProxy {
  readonly name: string;
  readonly proxy: TcpProxy | UdpProxy;
  readonly backends: readonly Layer4Backend[];
}

/** Brings what TCP and UDP proxies count to the metrics of the process, whenever somebody looks. */
export function collectStreams(metrics: Metrics, all: () => Iterable<RunningProxy>): void {
  const label = ["transport", "proxy"];
  const open = metrics.gauge(
    "sluice_stream_connections",
    "Open connections of TCP proxies, sessions of UDP proxies",
    ...label,
  );
  const total = metrics.counter(
    "sluice_stream_connections_total",
    "Connections and sessions there were",
    ...label,
  );
  const bytes = metrics.counter(
    "sluice_stream_bytes_total",
    "Bytes passed on: in is from clients, out is to them",
    ...label,
    "direction",
  );
  const datagrams = metrics.counter(
    "sluice_stream_datagrams_total",
    "Datagrams passed on",
    ...label,
    "direction",
  );
  const faults = metrics.counter(
    "sluice_stream_faults_total",
    "Connections and sessions that went wrong",
    ...label,
    "code",
  );
  const backend = [...label, "backend"];
  const backendOpen = metrics.gauge(
    "sluice_stream_backend_connections",
    "Open connections or sessions by backend",
    ...backend,
  );
  const backendFailures = metrics.counter(
    "sluice_stream_backend_failures_total",
    "Connections to a backend that could not be made",
    ...backend,
  );
  const backendDown = metrics.gauge(
    "sluice_stream_backend_down",
    "How many processes try a backend last, because it failed a moment ago",
    ...backend,
  );
  const backendIll = metrics.texts(
    "sluice_stream_backend_illness",
    "What checks have found wrong with a backend",
    ...backend,
    "reason",
  );
  const backendUnhealthy = metrics.gauge(
    "sluice_stream_backend_unhealthy",
    "How many processes find a backend unhealthy",
    ...backend,
  );
  const collected = [
    backendIll,
    backendUnhealthy,
    open,
    total,
    bytes,
    datagrams,
    faults,
    backendOpen,
    backendFailures,
    backendDown,
  ];

  const collect = ({ name, proxy, backends }: RunningProxy): void => {
    const { counts } = proxy;
    const transport = "accepted" in counts ? "tcp" : "udp";
    open.of(transport, name).value += counts.open;
    total.of(transport, name).value += "accepted" in counts ? counts.accepted : counts.sessions;
    bytes.of(transport, name, "in").value += counts.bytesIn;
    bytes.of(transport, name, "out").value += counts.bytesOut;
    if ("datagramsIn" in counts) {
      datagrams.of(transport, name, "in").value += counts.datagramsIn;
      datagrams.of(transport, name, "out").value += counts.datagramsOut;
    }
    for (const [code, count] of Object.entries(counts.faults)) {
      faults.of(transport, name, code).value += count;
    }
    const now = performance.now();
    for (const one of backends) {
      backendOpen.of(transport, name, one.name).value += one.open;
      backendFailures.of(transport, name, one.name).value += one.failures;
      backendDown.of(transport, name, one.name).value += one.downUntil > now ? 1 : 0;
      const { illness } = one;
      backendUnhealthy.of(transport, name, one.name).value += illness === undefined ? 0 : 1;
      if (illness !== undefined) backendIll.of(transport, name, one.name, illness).value++;
    }
  };

  metrics.onCollect(() => {
    for (const metric of collected) metric.clear();
    for (const one of all()) collect(one);
  });
}
