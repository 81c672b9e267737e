import type { AccessRecord } from "./access-record.ts";
import { escapeQuoted } from "./escape.ts";
import { clfTimestamp } from "./timestamp.ts";

/** The Combined Log Format of Apache httpd: `%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-agent}i"`. */
export function formatCombined(record: AccessRecord): string {
  const { method, target, protocol, bytes } = record;
  const request = method === "" ? "-" : escapeQuoted(`${method} ${target} ${protocol}`);
  return (
    `${record.remote} - - [${clfTimestamp(record.time)}] "${request}" ${record.status} ` +
    `${bytes === 0 ? "-" : bytes}${tail(record)}`
  );
}

let tailReferer = "";
let tailAgent = "";
let tailText = ' "-" "-"\n';

/** Referer and user agent, made once for lines in a row that have the same. */
function tail({ referer, userAgent }: AccessRecord): string {
  if (referer !== tailReferer || userAgent !== tailAgent) {
    tailReferer = referer;
    tailAgent = userAgent;
    tailText = ` "${orDash(referer)}" "${orDash(userAgent)}"\n`;
  }
  return tailText;
}

function orDash(text: string): string {
  return text === "" ? "-" : escapeQuoted(text);
}
