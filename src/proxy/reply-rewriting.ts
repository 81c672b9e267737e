import type { Context } from "../core/context.ts";
import { isField } from "../http/field-name.ts";
import { lengthBit } from "../http/received-fields.ts";
import type { HeaderList } from "../http/header-list.ts";
import type { Backend } from "../upstream/backend.ts";
import type { CookieRules } from "./cookie-rewriting.ts";
import { cookieRewriter } from "./cookie-rewriting.ts";
import type { LocationRule } from "./location-rewriting.ts";
import { locationRewriter, rewriteRefresh } from "./location-rewriting.ts";

/** What of a backend's answer is made to fit the address that clients see. */
export interface ReplyRewriting {
  /**
   * `Location`, `Content-Location` and `Refresh`: `auto` (default) puts the public origin in the place of the
   * backend's own, rules come before that, `off` leaves them as they are.
   */
  readonly location?: "auto" | "off" | readonly LocationRule[];
  /** `Set-Cookie`. Default: as it is. */
  readonly cookies?: CookieRules;
}

/** Of the names of fields that hold addresses: refresh, location, content-location. */
const ADDRESS_LENGTHS = lengthBit(7) | lengthBit(8) | lengthBit(16);

/** Changes fields of an answer in their place. */
export type ReplyRewriter = (headers: HeaderList, c: Context, backend: Backend | undefined) => void;

/**
 * @param host what is sent to backends as Host, where that is a text of its own
 * @returns undefined where nothing is changed
 */
export function replyRewriter(
  { location = "auto", cookies = {} }: ReplyRewriting,
  host: string | undefined,
): ReplyRewriter | undefined {
  const address =
    location === "off" ? undefined : locationRewriter(location === "auto" ? [] : location, host);
  const cookie = cookieRewriter(cookies);
  if (address === undefined && cookie === undefined) return undefined;
  let lengths = cookie === undefined ? 0 : lengthBit("set-cookie".length);
  if (address !== undefined) lengths |= ADDRESS_LENGTHS;
  return (headers, c, backend) => {
    if (!headers.mayHave(lengths)) return;
    const { flat } = headers;
    for (let i = 0; i < flat.length; i += 2) {
      const name = flat[i] as string;
      const value = flat[i + 1] as string;
      // Names are told apart by length first, as almost every one is.
      switch (name.length) {
        case 7:
          if (address === undefined || !isField(name, "refresh")) break;
          flat[i + 1] = rewriteRefresh(value, (one) => address(one, c, backend));
          break;
        case 8:
          if (address === undefined || !isField(name, "location")) break;
          flat[i + 1] = address(value, c, backend);
          break;
        case 10:
          if (cookie === undefined || !isField(name, "set-cookie")) break;
          flat[i + 1] = cookie(value);
          break;
        case 16:
          if (address === undefined || !isField(name, "content-location")) break;
          flat[i + 1] = address(value, c, backend);
          break;
      }
    }
  };
}
