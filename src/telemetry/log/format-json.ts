import type { UpstreamNote } from "../../core/exchange.ts";
import type { AccessRecord } from "./access-record.ts";
import { escapeJson } from "./escape.ts";
import type { LineBuffer } from "./line-buffer.ts";
import { LinePart } from "./line-part.ts";

const BYTES = new LinePart(',"bytes":');
const REQUEST_ID = ',"request_id":"';
const ID = new LinePart(REQUEST_ID);
const ERROR = new LinePart('","error":"');
const ROUTE = new LinePart('","route":"');
const UPSTREAM = new LinePart('","upstream":"');
const BACKEND = new LinePart('","backend":"');
const ATTEMPTS = new LinePart('","attempts":');
const UPSTREAM_MS = new LinePart(',"upstream_ms":');
const FAULT = new LinePart(',"fault":"');
const END = new LinePart('"}\n');
const END_NUMBER = new LinePart("}\n");
const POINT = 0x2e;
/** `{"ts":"2026-11-21T11:20:38.` comes before the milliseconds. */
const MILLIS_AT = 27;

/**
 * One JSON object a line. First comes what the requests of one client have in common within a second: it is
 * made once and copied as a whole while the next line has the same.
 */
export function formatJson(record: AccessRecord, line: LineBuffer): void {
  const start = line.length;
  line.copied(common(record));
  line.replaceDigits(start + MILLIS_AT, record.time - second);
  line.escaped(record.target, escapeJson);
  line.part(statusAndLatency(record.status));
  milliseconds(record.durationMs, line);
  line.part(BYTES);
  line.integer(record.bytes);
  if (record.requestId === "") {
    ownId(line);
  } else {
    line.part(ID);
    line.escaped(record.requestId, escapeJson);
  }
  if (record.error !== "") {
    line.part(ERROR);
    line.escaped(record.error, escapeJson);
  }
  if (record.route !== "") {
    line.part(ROUTE);
    line.escaped(record.route, escapeJson);
  }
  if (record.upstream !== undefined) upstreamOf(record.upstream, line);
  else line.part(END);
}

/** To the end of the line. */
function upstreamOf(
  { upstream, backend, attempts, ms, fault }: UpstreamNote,
  line: LineBuffer,
): void {
  line.part(UPSTREAM);
  line.escaped(upstream, escapeJson);
  line.part(BACKEND);
  line.escaped(backend, escapeJson);
  line.part(ATTEMPTS);
  line.integer(attempts);
  line.part(UPSTREAM_MS);
  milliseconds(ms, line);
  if (fault === undefined) {
    line.part(END_NUMBER);
    return;
  }
  line.part(FAULT);
  line.escaped(fault, escapeJson);
  line.part(END);
}

/** As whole numbers: turning a fraction into text is slow. */
function milliseconds(ms: number, line: LineBuffer): void {
  const micros = Math.max(0, Math.round(ms * 1000));
  const millis = Math.floor(micros / 1000);
  line.integer(millis);
  line.byte(POINT);
  line.threeDigits(micros - millis * 1000);
}

// Distinguishes the ids of two processes, or of two runs, at a glance; not a secret.
const RUN = (Date.now() % 0x100000000).toString(36) + process.pid.toString(36);
let count = 0;
let thousands = new LinePart("");

/** An id that no other request of this run has, and its name. */
function ownId(line: LineBuffer): void {
  const rest = count % 1000;
  if (rest === 0) thousands = new LinePart(`${REQUEST_ID}${RUN}-${(count / 1000).toString(36)}`);
  count++;
  line.part(thousands);
  line.threeDigits(rest);
}

/** By status: from the end of the path to the latency. */
const statuses: LinePart[] = [];

function statusAndLatency(status: number): LinePart {
  return (statuses[status] ??= new LinePart(`","status":${status},"latency_ms":`));
}

/** What {@link bytes} are of. */
let second = -1000;
let level = "";
let method = "";
let remote = "";
let protocol = "";
let host = "";
let agent = "";
let bytes: Uint8Array = Buffer.alloc(0);

/** From the beginning of the line to the path; the milliseconds are still to be filled in. */
function common(record: AccessRecord): Uint8Array {
  const severity = levelOf(record);
  const into = record.time - second;
  if (
    into < 0 ||
    into >= 1000 ||
    severity !== level ||
    record.method !== method ||
    record.remote !== remote ||
    record.host !== host ||
    record.userAgent !== agent ||
    record.protocol !== protocol
  ) {
    second = record.time - (record.time % 1000);
    level = severity;
    ({ method, remote, protocol, host, userAgent: agent } = record);
    const time = new Date(second).toISOString();
    bytes = Buffer.from(
      `{"ts":"${time}","level":"${level}","remote":"${escapeJson(remote)}","protocol":"${protocol}",` +
        `"host":"${escapeJson(host)}","user_agent":"${escapeJson(agent)}",` +
        `"method":"${escapeJson(method)}","path":"`,
    );
  }
  return bytes;
}

function levelOf({ status, error }: AccessRecord): string {
  if (status >= 500) return "error";
  return status >= 400 || error !== "" ? "warn" : "info";
}
