/** What a client may use up. Every limit has a default, a setting of the same name in `[server.limits]` and a metric. */
export interface Limits {
  /** Bytes of a request line and header section (h1), or of a decoded header list (h2, h3). Over it: 431, or 414 for the target. */
  headerBytes: number;
  /** Header fields in a request, and in trailers. Over it: 431. */
  headerCount: number;
  /** Bytes of a request target. Over it: 414. */
  targetBytes: number;
  /** Milliseconds from the first byte of a head to its last. Over it: 408. */
  headerTimeoutMs: number;
  /** Bytes of a request body after transfer coding is removed. Over it: 413. 0 = no limit. */
  bodyBytes: number;
  /** Bytes a second a body must average in either direction once `bodyRateGraceMs` has passed. 0 = off. */
  minBodyRate: number;
  bodyRateGraceMs: number;
  /** Milliseconds a kept-alive connection may wait for its next request. */
  keepAliveMs: number;
  /** Milliseconds without any progress of a read or write that is under way, before the connection is cut. */
  idleMs: number;
  /** Milliseconds from a complete head to the first byte of the answer: 503 then. 0 = no limit. */
  requestMs: number;
  /** Open connections in one process. Over it new ones are closed at once. */
  connections: number;
  /** Open connections from one address. 0 = no limit. */
  connectionsPerClient: number;
  /** Requests parsed ahead of the one being answered on an h1 connection. */
  pipelineDepth: number;
  /** Requests on one connection before it is closed politely. 0 = no limit. */
  requestsPerConnection: number;
  /** Concurrent streams a client may have open on one h2 or h3 connection. */
  streams: number;
  /** Resets by the client, or provoked by it, that one h2 or h3 connection may cause in a 30-second window. */
  resets: number;
}

/** What holds where nothing else was said. */
export const defaultLimits: Limits = {
  headerBytes: 32 * 1024,
  headerCount: 100,
  targetBytes: 8 * 1024,
  headerTimeoutMs: 15_000,
  bodyBytes: 100 * 1024 * 1024,
  minBodyRate: 240,
  bodyRateGraceMs: 5_000,
  keepAliveMs: 75_000,
  idleMs: 60_000,
  requestMs: 300_000,
  connections: 20_000,
  connectionsPerClient: 0,
  pipelineDepth: 64,
  requestsPerConnection: 0,
  streams: 128,
  resets: 200,
};
