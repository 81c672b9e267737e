import { lengthBits } from "../../http/received-fields.ts";
import type { Exchange, UpstreamNote } from "../../core/exchange.ts";
import { routeLabel } from "../../core/route-label.ts";
import { wallTime } from "../../internal/wall-clock.ts";
import type { LineBuffer } from "./line-buffer.ts";

/** What became of an exchange, as the server saw it. */
export interface AccessOutcome {
  readonly status: number;
  /** Body bytes handed to the transport. */
  readonly bytes: number;
  /** Milliseconds from the complete head to the end. */
  readonly durationMs: number;
  /** Why it ended early, when it did. */
  readonly error: unknown;
}

/** One line of an access log. Texts are as the client sent them: a format escapes them. */
export interface AccessRecord {
  /** Milliseconds since 1970. */
  time: number;
  remote: string;
  method: string;
  /** The request target as sent. */
  target: string;
  /** `HTTP/1.1`, `HTTP/2` … */
  protocol: string;
  host: string;
  status: number;
  bytes: number;
  durationMs: number;
  /** As the client sent it, or "". */
  requestId: string;
  userAgent: string;
  referer: string;
  /** Why it ended early, or "". */
  error: string;
  /** Name or pattern of the route, or "". */
  route: string;
  /** Which upstream was asked, if any. */
  upstream: UpstreamNote | undefined;
}

/** Writes a record as a line that ends in a newline and has no other. */
export type AccessFormat = (record: AccessRecord, line: LineBuffer) => void;

export function emptyRecord(): AccessRecord {
  return {
    time: 0,
    remote: "",
    method: "",
    target: "",
    protocol: "",
    host: "",
    status: 0,
    bytes: 0,
    durationMs: 0,
    requestId: "",
    userAgent: "",
    referer: "",
    error: "",
    route: "",
    upstream: undefined,
  };
}

/** Told without looking at any: few tools send one of these. */
const ASKED = lengthBits(["referer", "user-agent", "x-request-id"]);

/** Fills `record`, which is used again for every line so that a line allocates nothing but its text. */
export function fillRecord(record: AccessRecord, exchange: Exchange, outcome: AccessOutcome): void {
  record.time = wallTime(exchange.receivedAt + outcome.durationMs);
  record.remote = exchange.connection.remoteAddress;
  record.method = exchange.method;
  record.target = exchange.target;
  record.protocol = exchange.protocol;
  record.host = exchange.authority;
  record.status = outcome.status;
  record.bytes = outcome.bytes;
  record.durationMs = outcome.durationMs;
  record.requestId = "";
  record.userAgent = "";
  record.referer = "";
  record.error = outcome.error === undefined ? "" : describe(outcome.error);
  const { route } = exchange;
  record.route = route === undefined ? "" : routeLabel(route);
  record.upstream = exchange.upstream;
  const { headers } = exchange;
  if (headers.mayHave(ASKED)) {
    record.referer = headers.get("referer") ?? "";
    record.userAgent = headers.get("user-agent") ?? "";
    record.requestId = headers.get("x-request-id") ?? "";
  }
  if (exchange.requestId !== undefined) record.requestId = exchange.requestId;
}

/** A reason in few words. */
function describe(error: unknown): string {
  try {
    if (error instanceof Error) {
      const { code } = error as { code?: unknown };
      return (typeof code === "string" ? code : error.message || error.name).slice(0, 200);
    }
    return String(error).slice(0, 200);
  } catch {
    return "unknown";
  }
}
