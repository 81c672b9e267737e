import type { AccessRecord } from "./access-record.ts";
import { escapeQuoted } from "./escape.ts";
import type { LineBuffer } from "./line-buffer.ts";
import { LinePart } from "./line-part.ts";
import { clfTimestamp, SecondText } from "./timestamp.ts";

const TIME = new SecondText((date) => ` - - [${clfTimestamp(date)}] "`);
const STATUS = new LinePart('" ');
const SPACE = 0x20;
const DASH = 0x2d;

/** The Combined Log Format of Apache httpd: `%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-agent}i"`. */
export function formatCombined(record: AccessRecord, line: LineBuffer): void {
  line.escaped(record.remote, escapeQuoted);
  TIME.at(record.time);
  line.part(TIME.part);
  if (record.method === "") {
    line.byte(DASH);
  } else {
    line.escaped(record.method, escapeQuoted);
    line.byte(SPACE);
    line.escaped(record.target, escapeQuoted);
    line.byte(SPACE);
    line.escaped(record.protocol, escapeQuoted);
  }
  line.part(STATUS);
  line.integer(record.status);
  line.byte(SPACE);
  if (record.bytes === 0) line.byte(DASH);
  else line.integer(record.bytes);
  line.part(tail(record));
}

let tailReferer = "";
let tailAgent = "";
let tailPart = new LinePart(' "-" "-"\n');

/** Referer and user agent, made once for lines in a row that have the same. */
function tail({ referer, userAgent }: AccessRecord): LinePart {
  if (referer !== tailReferer || userAgent !== tailAgent) {
    tailReferer = referer;
    tailAgent = userAgent;
    tailPart = new LinePart(` "${orDash(referer)}" "${orDash(userAgent)}"\n`);
  }
  return tailPart;
}

function orDash(text: string): string {
  return text === "" ? "-" : escapeQuoted(text);
}
