import type { AccessRecord } from "./access-record.ts";
import { escapeQuoted } from "./escape.ts";
import { clfTimestamp } from "./timestamp.ts";

/** The Combined Log Format of Apache httpd: `%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-agent}i"`. */
export function formatCombined(record: AccessRecord): string {
  const { method, target, protocol, referer, userAgent, bytes } = record;
  const request = method === "" ? "-" : escapeQuoted(`${method} ${target} ${protocol}`);
  return (
    `${record.remote} - - [${clfTimestamp(record.time)}] "${request}" ${record.status} ` +
    `${bytes === 0 ? "-" : bytes} "${referer === "" ? "-" : escapeQuoted(referer)}" ` +
    `"${userAgent === "" ? "-" : escapeQuoted(userAgent)}"\n`
  );
}
