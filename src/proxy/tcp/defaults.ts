import type { TcpProxySettings } from "./settings.ts";

/** What holds where nothing else is said. */
export const tcpDefaults: Omit<TcpProxySettings, "backends"> = {
  serverNames: undefined,
  connectTimeoutMs: 5_000,
  firstBytesMs: 10_000,
  idleMs: 3_600_000,
  maxConnections: 10_000,
  trustedProxies: undefined,
  proxyProtocol: undefined,
};
