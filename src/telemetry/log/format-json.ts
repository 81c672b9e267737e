import type { AccessRecord } from "./access-record.ts";
import { escapeJson } from "./escape.ts";
import type { LineBuffer } from "./line-buffer.ts";
import { SecondText } from "./timestamp.ts";

/** From the beginning of the line to the milliseconds. */
const START = new SecondText((date) => `{"ts":"${date.toISOString().slice(0, 20)}`);
const LATENCY = Buffer.from(',"latency_ms":');
const STATUS = Buffer.from('","status":');
const BYTES = Buffer.from(',"bytes":');
const REQUEST_ID = Buffer.from(',"request_id":"');
const ERROR = Buffer.from('"error":"');
const END = Buffer.from("}\n");
const POINT = 0x2e;
const COMMA = 0x2c;
const QUOTE = 0x22;

/**
 * One JSON object a line. What the requests of one client have in common is made once and used while the next
 * line has the same.
 */
export function formatJson(record: AccessRecord, line: LineBuffer): void {
  const millis = START.at(record.time);
  line.constant(START.bytes);
  line.digits(millis, 3);
  line.constant(head(record));
  line.escaped(record.target, escapeJson);
  line.constant(STATUS);
  line.integer(record.status);
  line.constant(LATENCY);
  // As whole numbers: turning a fraction into text is slow.
  const micros = Math.max(0, Math.round(record.durationMs * 1000));
  line.integer(Math.floor(micros / 1000));
  line.byte(POINT);
  line.digits(micros % 1000, 3);
  line.constant(BYTES);
  line.integer(record.bytes);
  line.constant(REQUEST_ID);
  if (record.requestId === "") ownId(line);
  else line.escaped(record.requestId, escapeJson);
  tail(record, line);
  if (record.error !== "") {
    line.byte(COMMA);
    line.constant(ERROR);
    line.escaped(record.error, escapeJson);
    line.byte(QUOTE);
  }
  line.constant(END);
}

// Distinguishes the ids of two processes, or of two runs, at a glance; not a secret.
const RUN = (Date.now() % 0x100000000).toString(36) + process.pid.toString(36);
let count = 0;
let thousands = Buffer.alloc(0);

/** An id that no other request of this run has. */
function ownId(line: LineBuffer): void {
  const rest = count % 1000;
  if (rest === 0) thousands = Buffer.from(`${RUN}-${(count / 1000).toString(36)}`);
  count++;
  line.constant(thousands);
  line.digits(rest, 3);
}

let headMethod = "";
let headLevel = "";
let headBytes = Buffer.alloc(0);

/** From the end of the time to the path. */
function head({ status, error, method }: AccessRecord): Uint8Array {
  const level = status >= 500 ? "error" : status >= 400 || error !== "" ? "warn" : "info";
  if (level !== headLevel || method !== headMethod) {
    headLevel = level;
    headMethod = method;
    headBytes = Buffer.from(`Z","level":"${level}","method":"${escapeJson(method)}","path":"`);
  }
  return headBytes;
}

let tailRemote = "";
let tailProtocol = "";
let tailHost = "";
let tailAgent = "";
let tailBytes = Buffer.alloc(0);

/** From the client's address to its user agent. */
function tail({ remote, protocol, host, userAgent }: AccessRecord, line: LineBuffer): void {
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
    tailBytes = Buffer.from(
      `","remote":"${remote}","protocol":"${protocol}","host":"${escapeJson(host)}",` +
        `"user_agent":"${escapeJson(userAgent)}"`,
    );
  }
  line.constant(tailBytes);
}
