import type { AccessRecord } from "./access-record.ts";
import { escapeQuoted } from "./escape.ts";
import type { LineBuffer } from "./line-buffer.ts";
import { clfTimestamp, SecondText } from "./timestamp.ts";

const TIME = new SecondText((date) => ` - - [${clfTimestamp(date)}] "`);
const STATUS = Buffer.from('" ');
const SPACE = 0x20;
const DASH = 0x2d;

/** The Combined Log Format of Apache httpd: `%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-agent}i"`. */
export function formatCombined(record: AccessRecord, line: LineBuffer): void {
  line.escaped(record.remote, escapeQuoted);
  TIME.at(record.time);
  line.constant(TIME.bytes);
  if (record.method === "") {
    line.byte(DASH);
  } else {
    line.escaped(record.method, escapeQuoted);
    line.byte(SPACE);
    line.escaped(record.target, escapeQuoted);
    line.byte(SPACE);
    line.escaped(record.protocol, escapeQuoted);
  }
  line.constant(STATUS);
  line.integer(record.status);
  line.byte(SPACE);
  if (record.bytes === 0) line.byte(DASH);
  else line.integer(record.bytes);
  line.constant(tail(record));
}

let tailReferer = "";
let tailAgent = "";
let tailBytes = Buffer.from(' "-" "-"\n');

/** Referer and user agent, made once for lines in a row that have the same. */
function tail({ referer, userAgent }: AccessRecord): Uint8Array {
  if (referer !== tailReferer || userAgent !== tailAgent) {
    tailReferer = referer;
    tailAgent = userAgent;
    tailBytes = Buffer.from(` "${orDash(referer)}" "${orDash(userAgent)}"\n`);
  }
  return tailBytes;
}

function orDash(text: string): string {
  return text === "" ? "-" : escapeQuoted(text);
}
