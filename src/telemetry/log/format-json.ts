import type { AccessRecord } from "./access-record.ts";
import { escapeJson } from "./escape.ts";
import { isoTimestamp } from "./timestamp.ts";

/** One JSON object a line. Joined by hand: JSON.stringify of the whole costs several times as much. */
export function formatJson(record: AccessRecord): string {
  const { status, error } = record;
  const level = status >= 500 ? "error" : status >= 400 || error !== "" ? "warn" : "info";
  return (
    `{"ts":"${isoTimestamp(record.time)}","level":"${level}","method":"${escapeJson(record.method)}",` +
    `"path":"${escapeJson(record.target)}","status":${status},` +
    `"latency_ms":${Math.round(record.durationMs * 1000) / 1000},"bytes":${record.bytes},` +
    `"request_id":"${escapeJson(record.requestId)}","remote":"${record.remote}",` +
    `"protocol":"${record.protocol}","host":"${escapeJson(record.host)}",` +
    `"user_agent":"${escapeJson(record.userAgent)}"` +
    (error === "" ? "}\n" : `,"error":"${escapeJson(error)}"}\n`)
  );
}
