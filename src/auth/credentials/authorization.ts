import type { HeaderList } from "../../http/header-list.ts";
import { TOKEN } from "../../http/header-list.ts";

/** What an `Authorization` field holds. */
export interface Authorization {
  /** Lower case. */
  readonly scheme: string;
  /** All that follows the scheme. */
  readonly credentials: string;
}

/** Longer ones are not looked at: no scheme needs so much, and each costs work. */
const MAX_LENGTH = 16_384;

/**
 * Reads `Authorization` (RFC 9110 11.6.2). Undefined when there is none; `"malformed"` when there are
 * several, of which the next hop might take another, or when it is nothing that RFC 9110 allows.
 */
export function readAuthorization(headers: HeaderList): Authorization | "malformed" | undefined {
  const fields = headers.getAll("authorization");
  const field = fields[0];
  if (field === undefined) return undefined;
  if (fields.length > 1 || field.length > MAX_LENGTH) return "malformed";
  const space = field.indexOf(" ");
  const scheme = space < 0 ? field : field.slice(0, space);
  if (!TOKEN.test(scheme)) return "malformed";
  const credentials = space < 0 ? "" : field.slice(space + 1).replace(/^ +/, "");
  return { scheme: scheme.toLowerCase(), credentials };
}
