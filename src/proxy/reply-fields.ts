import { HeaderList } from "../http/header-list.ts";
import { isHopByHop, listedInConnection } from "../http/hop-by-hop.ts";
import { isField } from "../http/field-name.ts";

/**
 * The header section of a backend's answer as the client gets it.
 * @param keepLength of HEAD and 304, which tell a length without having content
 */
export function replyFields(headers: HeaderList, keepLength: boolean): HeaderList {
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

function without(fields: readonly string[], names: ReadonlySet<string>): string[] {
  const kept: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    if (!names.has(name.toLowerCase())) kept.push(name, fields[i + 1] as string);
  }
  return kept;
}
