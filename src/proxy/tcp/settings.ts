import type { IpNetworks } from "../../http/ip-networks.ts";
import type { TlsRefusalCode } from "../../runtime/tls-listener.ts";
import type { BackendGroup } from "../layer4/backend-group.ts";
import type { ServerNames } from "./server-names.ts";

/** How connections are passed on. A value: a proxy is given another one while it runs. */
export interface TcpProxySettings {
  /** For connections that no server name decides; undefined refuses them. */
  readonly backends: BackendGroup | undefined;
  /** Backends by the server name of a TLS connection that is not decrypted here; undefined reads no TLS. */
  readonly serverNames: ServerNames<BackendGroup> | undefined;
  /** Milliseconds for each attempt to connect to a backend. */
  readonly connectTimeoutMs: number;
  /** Milliseconds a client has for what must come first: PROXY header, ClientHello. */
  readonly firstBytesMs: number;
  /** Milliseconds without a byte in either direction until a connection is closed; 0 is for ever. */
  readonly idleMs: number;
  /** Connections at a time; more are closed at once. */
  readonly maxConnections: number;
  /** Connections must begin with a PROXY header, and come from these networks; undefined reads none. */
  readonly trustedProxies: IpNetworks | undefined;
  /** The version of the header that backends are sent; undefined sends none. */
  readonly proxyProtocol: 1 | 2 | undefined;
}

export type TcpFaultCode =
  | TlsRefusalCode
  | "too_many_connections"
  | "proxy_header_untrusted"
  | "proxy_header_missing"
  | "proxy_header_malformed"
  | "proxy_header_too_large"
  | "tls_not_tls"
  | "tls_hello_malformed"
  | "tls_hello_too_large"
  | "tls_unknown_name"
  | "first_bytes_timeout"
  /** One attempt; others may follow. */
  | "connect_failed"
  /** None of the backends could be connected to. */
  | "no_backend"
  | "idle";

/** Why a connection ended, or did not begin, before its two ends wanted that. */
export interface TcpFault {
  readonly code: TcpFaultCode;
  readonly message: string;
  /** The client's address, that of a PROXY header if there is one. */
  readonly client: string;
  readonly backend?: string;
}

/** What a proxy has done since its start. */
export interface TcpCounts {
  accepted: number;
  open: number;
  /** From clients to backends. */
  bytesIn: number;
  /** From backends to clients. */
  bytesOut: number;
  faults: Partial<Record<TcpFaultCode, number>>;
}
