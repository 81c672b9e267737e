import type { Context } from "../core/context.ts";
import { HeaderList } from "../http/header-list.ts";
import type { ForwardingPolicy } from "./forwarding.ts";
import { addForwarding, isForwarding } from "./forwarding.ts";
import { isHopByHop, listedInConnection } from "../http/hop-by-hop.ts";
import { isField } from "../http/field-name.ts";

/** The header section that goes to a backend: what is end to end, and what we say of the client. */
export function requestFields(c: Context, policy: ForwardingPolicy): HeaderList {
  const { flat } = c.exchange.headers;
  const connection = c.exchange.headers.joined("connection");
  const listed = connection === null ? undefined : listedInConnection(connection);
  const fields: string[] = [];
  let cookie = -1;
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string;
    if (isHopByHop(name) || isOurs(name) || (policy.fields !== "keep" && isForwarding(name)))
      continue;
    if (listed?.has(name.toLowerCase())) continue;
    if (isField(name, "cookie")) {
      // RFC 9113 8.2.3: HTTP/2 may send them one by one, and HTTP/1.1 knows but one field.
      if (cookie >= 0) {
        fields[cookie] += `; ${flat[i + 1]}`;
        continue;
      }
      cookie = fields.length + 1;
    }
    fields.push(name, flat[i + 1] as string);
  }
  addForwarding(fields, c, policy);
  return new HeaderList(fields);
}

/** What is said anew for the backend. */
function isOurs(name: string): boolean {
  switch (name.length) {
    case 4:
      return isField(name, "host");
    case 6:
      return isField(name, "expect");
    default:
      return false;
  }
}
