import type { Preconditions } from "../http/conditional.ts";
import type { HeaderList } from "../http/header-list.ts";

/** The fields of a request that change what is sent of a file. */
export interface RequestFields extends Preconditions {
  range?: string | undefined;
}

/** Whether there may be any of {@link RequestFields}: one pass that reads names only. */
export function mayBeSpecial(headers: HeaderList): boolean {
  const flat = headers.flat;
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string;
    const first = name.charCodeAt(0) | 0x20;
    // "If-…" or "Range"
    if (first === 0x69 ? name.charCodeAt(2) === 0x2d : first === 0x72 && name.length === 5)
      return true;
  }
  return false;
}

export function requestFields(headers: HeaderList): RequestFields {
  return {
    ifMatch: headers.joined("if-match") ?? undefined,
    ifNoneMatch: headers.joined("if-none-match") ?? undefined,
    ifModifiedSince: headers.joined("if-modified-since") ?? undefined,
    ifUnmodifiedSince: headers.joined("if-unmodified-since") ?? undefined,
    ifRange: headers.joined("if-range") ?? undefined,
    range: headers.joined("range") ?? undefined,
  };
}
