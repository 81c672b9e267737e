import type { Context } from "../core/context.ts";
import type { Connection } from "../core/exchange.ts";
import { HeaderList } from "../http/header-list.ts";
import type { ForwardingPolicy } from "./forwarding.ts";
import { maxForwards } from "./max-forwards.ts";
import { addForwarding, isForwarding, isForwardingAt } from "./forwarding.ts";
import { isHopByHop, isHopByHopAt, listedInConnection } from "../http/hop-by-hop.ts";
import { isField, isFieldAt } from "../http/field-name.ts";
import type { FieldJudge, ReceivedFields } from "../http/received-fields.ts";
import { FieldVerdict, lengthBit } from "../http/received-fields.ts";
import { onePiece } from "../internal/one-piece.ts";

/** The header section that goes to a backend: what is end to end, and what we say of the client. */
export function requestFields(c: Context, policy: ForwardingPolicy): HeaderList {
  const { headers } = c.exchange;
  const { received } = headers;
  // RFC 9110 7.6.2: of the methods that are passed on it counts for this one alone.
  const hops = c.exchange.method === "OPTIONS" ? maxForwards(headers) : undefined;
  if (received !== undefined && c.forwarded === undefined && hops === undefined) {
    const same = passedOn(received, c, policy);
    if (same !== undefined) return same;
  }
  const { flat } = headers;
  const connection = headers.joined("connection");
  const listed = connection === null ? undefined : listedInConnection(connection);
  const fields: string[] = [];
  let cookie = -1;
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string;
    if (isHopByHop(name) || isOursAt(name, 0, name.length)) continue;
    if (policy.fields !== "keep" && isForwarding(name)) continue;
    if (listed?.has(name.toLowerCase())) continue;
    if (isField(name, "cookie")) {
      // RFC 9113 8.2.3: HTTP/2 may send them one by one, and HTTP/1.1 knows but one field.
      if (cookie >= 0) {
        fields[cookie] += `; ${flat[i + 1]}`;
        continue;
      }
      cookie = fields.length + 1;
    }
    if (hops !== undefined && isField(name, "max-forwards")) fields.push(name, String(hops - 1));
    else fields.push(name, flat[i + 1] as string);
  }
  addForwarding(fields, c, policy);
  return new HeaderList(fields);
}

/** What is said anew for the backend. */
function isOursAt(text: string, at: number, length: number): boolean {
  switch (length) {
    case 4:
      return isFieldAt(text, at, "host");
    case 6:
      return isFieldAt(text, at, "expect");
    default:
      return false;
  }
}

/** The lines as they came but for those that end here, and ours behind them. */
function passedOn(
  received: ReceivedFields,
  c: Context,
  policy: ForwardingPolicy,
): HeaderList | undefined {
  cookies = 0;
  const lines = received.keep(policy.fields === "keep" ? judgeKeeping : judge);
  if (lines === undefined) return undefined;
  const own = forwardingLines(c, policy);
  return HeaderList.ofLines(lines + own.text, received.lengths | own.lengths, false);
}

/** What is said of a client that is believed nothing, which is the same for all it asks a host on a connection. */
interface ForwardingLines {
  readonly policy: ForwardingPolicy;
  readonly host: string;
  readonly protocol: string;
  readonly text: string;
  readonly lengths: number;
}

const lastLines = new WeakMap<Connection, ForwardingLines>();

function forwardingLines(c: Context, policy: ForwardingPolicy): ForwardingLines {
  const { connection, protocol } = c.exchange;
  const { host } = c;
  const last = lastLines.get(connection);
  if (last?.host === host && last.policy === policy && last.protocol === protocol) return last;
  const fields: string[] = [];
  addForwarding(fields, c, policy);
  let text = "";
  let lengths = 0;
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    text += `${name}: ${fields[i + 1]}\r\n`;
    lengths |= lengthBit(name.length);
  }
  const made = { policy, host, protocol, text: onePiece(text), lengths };
  lastLines.set(connection, made);
  return made;
}

let cookies = 0;

const judge: FieldJudge = (text, at, length, valueAt, valueEnd) =>
  isForwardingAt(text, at, length)
    ? FieldVerdict.Omit
    : judgeKeeping(text, at, length, valueAt, valueEnd);

const judgeKeeping: FieldJudge = (text, at, length, valueAt, valueEnd) => {
  if (isOursAt(text, at, length)) return FieldVerdict.Omit;
  // These are continued, or become one.
  if (length === 3 && isFieldAt(text, at, "via")) return FieldVerdict.GiveUp;
  if (length === 6 && isFieldAt(text, at, "cookie") && ++cookies > 1) return FieldVerdict.GiveUp;
  if (!isHopByHopAt(text, at, length)) return FieldVerdict.Keep;
  if (length !== 10 || !isFieldAt(text, at, "connection")) return FieldVerdict.Omit;
  const listed = listedInConnection(text.slice(valueAt, valueEnd));
  return listed === undefined ? FieldVerdict.Omit : FieldVerdict.GiveUp;
};
