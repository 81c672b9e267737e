import type { AccessRecord } from "./access-record.ts";
import { escapeJson } from "./escape.ts";
import { isoTimestamp, THREE_DIGITS } from "./timestamp.ts";

/**
 * One JSON object a line. Joined by hand: JSON.stringify of the whole costs several times as much. What the
 * requests of one client have in common is made once and used while the next line has the same.
 */
export function formatJson(record: AccessRecord): string {
  const { error } = record;
  const line =
    `{"ts":"${isoTimestamp(record.time)}${head(record)}${escapeJson(record.target)}","status":${record.status},` +
    `"latency_ms":${milliseconds(record.durationMs)},"bytes":${record.bytes},` +
    `"request_id":"${escapeJson(record.requestId)}${tail(record)}`;
  return error === "" ? `${line}}\n` : `${line},"error":"${escapeJson(error)}"}\n`;
}

let headMethod = "";
let headLevel = "";
let headText = "";

/** From the level to the path. */
function head({ status, error, method }: AccessRecord): string {
  const level = status >= 500 ? "error" : status >= 400 || error !== "" ? "warn" : "info";
  if (level !== headLevel || method !== headMethod) {
    headLevel = level;
    headMethod = method;
    headText = `","level":"${level}","method":"${escapeJson(method)}","path":"`;
  }
  return headText;
}

let tailRemote = "";
let tailProtocol = "";
let tailHost = "";
let tailAgent = "";
let tailText = "";

/** From the client's address to its user agent. */
function tail({ remote, protocol, host, userAgent }: AccessRecord): string {
  if (
    remote !== tailRemote ||
    host !== tailHost ||
    userAgent !== tailAgent ||
    protocol !== tailProtocol
  ) {
    tailRemote = remote;
    tailProtocol = protocol;
    tailHost = host;
    tailAgent = userAgent;
    tailText =
      `","remote":"${remote}","protocol":"${protocol}","host":"${escapeJson(host)}",` +
      `"user_agent":"${escapeJson(userAgent)}"`;
  }
  return tailText;
}

/** With three decimals, as whole numbers: turning a fraction into text is slow. */
function milliseconds(value: number): string {
  const micros = Math.round(value * 1000);
  const whole = Math.floor(micros / 1000);
  return `${whole}.${THREE_DIGITS[micros - whole * 1000] ?? "000"}`;
}
