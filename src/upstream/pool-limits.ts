import type { Socket } from "../runtime/socket.ts";

/** What a backend may hold of us. */
export interface PoolLimits {
  /** Open connections; 0 = no limit. */
  readonly connections: number;
  /** Connections kept for later. */
  readonly idleConnections: number;
  /** Milliseconds a connection waits for another request. Below what the backend itself allows. */
  readonly idleMs: number;
  /** Milliseconds after which a connection takes no further request; 0 = no limit. */
  readonly ageMs: number;
  /** Requests that wait for a connection, and how long, in milliseconds. */
  readonly queue: number;
  readonly queueMs: number;
}

/** Opens a connection. Rejects with an `UpstreamFault`. */
export type Dial = (signal: AbortSignal) => Promise<Socket>;
