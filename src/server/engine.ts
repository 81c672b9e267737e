import type { Application, Connection, ErrorReport, Exchange } from "../core/exchange.ts";
import type { PathRules } from "../http/path.ts";
import type { Limits } from "./limits.ts";

/**
 * What every engine shares with its server. Engines read it per request or per event, so a reload that
 * replaces a member reaches open connections without touching them.
 */
export interface EngineHost {
  /** Answers requests; replaced by a reload. */
  app: Application;
  limits: Limits;
  paths: PathRules;
  observer: Observer;
  /** Takes errors that an App answered with a 500 to the observer. */
  readonly report: ErrorReport;
  /** True once the server is going down: answers carry `Connection: close`, h2 and h3 send GOAWAY. */
  draining: boolean;
  /** The `Alt-Svc` value to advertise on h1 and h2, once h3 listens. */
  altSvc: string | undefined;
  /** The `Strict-Transport-Security` value of answers over TLS, if set. */
  hsts: string | undefined;
  /** Whether a request for `authority` may be answered on this connection; false means 421 (RFC 9110 7.4). */
  covers(connection: Connection, authority: string): boolean;
}

/** All connections of one protocol. */
export interface Engine {
  /** Closes what is idle; what is being answered closes with its answer. The host is draining by then. */
  drain(): void;
  /** Breaks off what is left. */
  close(): void;
}

/** Hooks for logs, metrics and traces. All optional, all synchronous, none may throw. */
export interface Observer {
  opened?(connection: Connection): void;
  closed?(connection: Connection): void;
  /** An exchange has ended: its last byte was handed to the transport, or it broke. Called once each. */
  finished?(exchange: Exchange, outcome: Outcome): void;
  /** A connection or request was refused or cut before it became an exchange, or by a limit. */
  refused?(refusal: Refusal): void;
  /**
   * A handler threw what is not for the client to see, or an engine met an impossible state.
   * @param id what the client's answer says to ask for, if it says so
   */
  failed?(error: unknown, exchange: Exchange | undefined, id?: string): void;
}

export interface Outcome {
  readonly status: number;
  /** Body bytes handed to the transport. */
  readonly bytes: number;
  /** Milliseconds from the complete head to the end. */
  readonly durationMs: number;
  /** Why it ended early, when it did. */
  readonly error: unknown;
}

export interface Refusal {
  /** Stable code, such as `header_too_large`, `bad_chunk`, `header_timeout`, `too_many_connections`. */
  readonly code: string;
  /** The status sent, or 0 when the connection was just closed. */
  readonly status: number;
  readonly remoteAddress: string;
}
