import { HeaderList } from "../http/header-list.ts";
import { isHopByHop, isHopByHopAt, listedInConnection } from "../http/hop-by-hop.ts";
import { isField, isFieldAt } from "../http/field-name.ts";
import type { ReceivedFields } from "../http/received-fields.ts";
import { FieldVerdict } from "../http/received-fields.ts";

/**
 * The header section of a backend's answer as the client gets it.
 * @param keepLength of HEAD and 304, which tell a length without having content
 * @param inLines whether they leave as lines again; what HTTP/2 and 3 make of them begins with names and values
 */
export function replyFields(
  headers: HeaderList,
  keepLength: boolean,
  inLines: boolean,
): HeaderList {
  const { received } = headers;
  if (inLines && received !== undefined && !keepLength) {
    const same = passedOn(received);
    if (same !== undefined) return same;
  }
  const { flat } = headers;
  const fields: string[] = [];
  let listed: ReadonlySet<string> | undefined;
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string;
    if (!isHopByHop(name)) {
      fields.push(name, flat[i + 1] as string);
    } else if (isField(name, "connection")) {
      listed ??= listedInConnection(headers.joined("connection") as string);
    } else if (keepLength && name.length === 14) {
      fields.push(name, flat[i + 1] as string);
    }
  }
  return new HeaderList(listed === undefined ? fields : without(fields, listed));
}

let dated = false;

/** The lines as they came but for those that end here: mostly nobody has to know what they say. */
function passedOn(received: ReceivedFields): HeaderList | undefined {
  dated = false;
  const lines = received.keep(judge);
  return lines === undefined ? undefined : HeaderList.ofLines(lines, received.lengths, dated);
}

function judge(
  text: string,
  at: number,
  length: number,
  valueAt: number,
  valueEnd: number,
): FieldVerdict {
  if (length === 4) dated ||= isFieldAt(text, at, "date");
  if (!isHopByHopAt(text, at, length)) return FieldVerdict.Keep;
  if (length !== 10 || !isFieldAt(text, at, "connection")) return FieldVerdict.Omit;
  const listed = listedInConnection(text.slice(valueAt, valueEnd));
  return listed === undefined ? FieldVerdict.Omit : FieldVerdict.GiveUp;
}

function without(fields: readonly string[], names: ReadonlySet<string>): string[] {
  const kept: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    if (!names.has(name.toLowerCase())) kept.push(name, fields[i + 1] as string);
  }
  return kept;
}
