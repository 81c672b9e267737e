import { HeaderList } from "../../http/header-list.ts";
import { isConnectionField } from "../../wire/field-pairs.ts";

/** The field section of a response, its pseudo-header taken apart (RFC 9113 8.3.2). */
export interface ResponseFields {
  readonly status: number;
  readonly headers: HeaderList;
  /** From Content-Length, or undefined. */
  readonly contentLength: number | undefined;
}

/** @param flat `[name, value, …]`, names and values valid by themselves @returns why the response is malformed, or its parts */
export function readResponse(flat: readonly string[]): ResponseFields | string {
  const status = flat[1] ?? "";
  if (flat[0] !== ":status") return "it does not begin with :status";
  // RFC 9113 8.6: there is no 101.
  if (!/^[1-9]\d\d$/.test(status) || status === "101") return `${status} is no :status`;
  let contentLength: number | undefined;
  for (let i = 2; i < flat.length; i += 2) {
    const name = flat[i] as string;
    if (name.charCodeAt(0) === 0x3a) return `${name} does not belong there`;
    if (isConnectionField(name)) return `the field ${name} belongs to a connection`;
    if (name !== "content-length") continue;
    const value = flat[i + 1] as string;
    if (contentLength !== undefined || !/^\d{1,15}$/.test(value)) {
      return "content-length is invalid";
    }
    contentLength = Number(value);
  }
  return { status: Number(status), headers: new HeaderList(flat.slice(2)), contentLength };
}
