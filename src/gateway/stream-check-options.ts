import type { Config } from "../config/schema/config.ts";
import type { Layer4Backend } from "../proxy/layer4/backend-group.ts";
import type { Layer4HealthCheck, Layer4Probe } from "../proxy/layer4/health/layer4-check.ts";
import type { PlannedCheck } from "./stream-checks.ts";

type TcpCheck = NonNullable<Config["tcp_proxy"][number]["health_check"]>;
type UdpCheck = NonNullable<Config["udp_proxy"][number]["health_check"]>;

/** The same check for each of the backends; none without a check. */
export function checksOf(
  check: Layer4HealthCheck | undefined,
  backends: readonly Layer4Backend[],
  changed: PlannedCheck["changed"],
): PlannedCheck[] {
  if (check === undefined) return [];
  return backends.map((backend) => ({ backend, check, changed }));
}

/** `[tcp_proxy.health_check]` as the library takes it. */
export function tcpCheck(config: TcpCheck, proxyProtocol: 1 | 2 | undefined): Layer4HealthCheck {
  return checkOf(config, {
    type: "tcp",
    ...conversation(config),
    ...(proxyProtocol !== undefined && { proxyProtocol }),
  });
}

/** `[udp_proxy.health_check]` as the library takes it. */
export function udpCheck(config: UdpCheck): Layer4HealthCheck {
  switch (config.type) {
    case "dns":
      return checkOf(config, { type: "dns", name: config.name });
    case "udp":
      return checkOf(config, { type: "udp", ...conversation(config), send: config.send });
    case "tcp":
      return checkOf(config, { type: "tcp", ...conversation(config) });
  }
}

function conversation({
  send,
  expect,
}: {
  send?: string | undefined;
  expect?: string | undefined;
}) {
  return { ...(send !== undefined && { send }), ...(expect !== undefined && { expect }) };
}

function checkOf(config: TcpCheck | UdpCheck, probe: Layer4Probe): Layer4HealthCheck {
  return {
    intervalMs: config.interval_secs * 1_000,
    timeoutMs: config.timeout_ms,
    thresholds: { healthy: config.healthy_threshold, unhealthy: config.unhealthy_threshold },
    probe,
    ...(config.port !== undefined && { port: config.port }),
  };
}
