import type { BackendGroup } from "../layer4/backend-group.ts";

/** How datagrams are passed on. A value: a proxy is given another one while it runs. */
export interface UdpProxySettings {
  readonly backends: BackendGroup;
  /** Milliseconds without a datagram in either direction until a session is forgotten. */
  readonly idleMs: number;
  /** Sessions at a time; for one more the one that was silent for longest is forgotten. */
  readonly maxSessions: number;
}

export type UdpFaultCode =
  | "connect_failed"
  | "no_backend"
  | "refused"
  | "sessions_full"
  | "dropped";

export interface UdpFault {
  readonly code: UdpFaultCode;
  readonly message: string;
  readonly client: string;
  readonly backend?: string;
}

/** What a proxy has done since its start. */
export interface UdpCounts {
  /** Sessions at present. */
  open: number;
  sessions: number;
  datagramsIn: number;
  datagramsOut: number;
  bytesIn: number;
  bytesOut: number;
  faults: Partial<Record<UdpFaultCode, number>>;
}
