/** What went wrong between us and a backend. Stable: logs, metrics and clients see it. */
export type FaultCode =
  /** Its name has no address, or could not be asked for. */
  | "dns_failed"
  | "connect_refused"
  | "connect_failed"
  | "connect_timeout"
  | "tls_failed"
  /** No answer within the time for its first byte. */
  | "first_byte_timeout"
  /** The answer, or our content, made no progress for the idle time. */
  | "idle_timeout"
  /** The whole exchange took longer than it may. */
  | "total_timeout"
  /** The connection broke before the answer was complete. */
  | "reset"
  /** What came is no response, or could be read in two ways. */
  | "bad_response"
  /** The answer to an upgrade was not one. */
  | "bad_upgrade"
  /** The client went away. */
  | "cancelled"
  /** No backend may be asked now: all are down, ejected or full. */
  | "no_backend"
  /** The queue for a free place is full, or took too long. */
  | "overloaded";

/** A request to a backend that failed. The message says what happened and to which backend. */
export class UpstreamFault extends Error {
  readonly code: FaultCode;
  /**
   * What the backend may have seen: `nothing` of the request; an `unanswered` request on a connection that it
   * closed without a byte of an answer, as it may when the connection was idle (RFC 9112 9.3.1); or `some`.
   */
  readonly seen: "nothing" | "unanswered" | "some";

  constructor(
    code: FaultCode,
    message: string,
    seen: UpstreamFault["seen"],
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "UpstreamFault";
    this.code = code;
    this.seen = seen;
  }

  /** The status a gateway answers with (RFC 9110 15.6). */
  get status(): 502 | 503 | 504 {
    switch (this.code) {
      case "connect_timeout":
      case "first_byte_timeout":
      case "idle_timeout":
      case "total_timeout":
        return 504;
      case "no_backend":
      case "overloaded":
        return 503;
      default:
        return 502;
    }
  }
}
