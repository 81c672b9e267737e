import type { HealthCheckOptions, Probe } from "../../../upstream/health/health-checker.ts";
import { HealthChecker } from "../../../upstream/health/health-checker.ts";
import type { HealthThresholds } from "../../../upstream/health/health-state.ts";
import { HealthState } from "../../../upstream/health/health-state.ts";
import type { Layer4Address, Layer4Backend } from "../backend-group.ts";
import { dnsProbe, udpProbe } from "./udp-probe.ts";
import { tcpProbe } from "./tcp-probe.ts";

/** What a backend is asked. */
export type Layer4Probe =
  | {
      /** Connects; says `send`, if there is any, and waits until the answer has `expect`, if there is any. */
      readonly type: "tcp";
      readonly send?: string;
      readonly expect?: string;
      /** The PROXY header that connections begin with, of the version that the backend expects. */
      readonly proxyProtocol?: 1 | 2;
    }
  | {
      /** Sends a datagram and waits for one that has `expect`; for any without. */
      readonly type: "udp";
      readonly send: string;
      readonly expect?: string;
    }
  | {
      /** Asks DNS for the addresses of a name; that there is none is an answer too. */
      readonly type: "dns";
      readonly name: string;
    };

/** What a check of backends asks, how often, and what it takes to believe it. */
export type Layer4HealthCheck = HealthCheckOptions & {
  readonly thresholds: HealthThresholds;
  /** Asked on another port than connections go to. */
  readonly port?: number;
  readonly probe: Layer4Probe;
};

/**
 * Checks a backend and tells it what was found.
 * @param changed told when it is found ill, or well again
 */
export function createLayer4Checker(
  backend: Layer4Backend,
  check: Layer4HealthCheck,
  changed: (backend: Layer4Backend) => void,
): HealthChecker {
  const { unix, host, port = 0 } = backend;
  const target: Layer4Address =
    unix === undefined && check.port !== undefined
      ? { name: `${host}:${check.port}`, host, port: check.port, unix }
      : { name: backend.name, host, port, unix };
  const state: HealthState = new HealthState(check.thresholds, (healthy) => {
    backend.noteHealth(healthy, state.reason);
    changed(backend);
  });
  return new HealthChecker(probeOf(target, check.probe), state, check);
}

/** What asks a backend once. */
export function probeOf(target: Layer4Address, probe: Layer4Probe): Probe {
  switch (probe.type) {
    case "tcp":
      return tcpProbe(target, probe);
    case "udp":
      return udpProbe(target, probe);
    case "dns":
      return dnsProbe(target, probe.name);
  }
}
