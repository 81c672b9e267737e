import { isEtag, listMatches, strongMatch, weakMatch } from "./etag.ts";
import { parseHttpDate } from "./http-date.ts";

/** The fields of a request that make it conditional; absent ones are undefined. Repeated ones are joined by ", ". */
export interface Preconditions {
  ifMatch?: string | undefined;
  ifNoneMatch?: string | undefined;
  ifModifiedSince?: string | undefined;
  ifUnmodifiedSince?: string | undefined;
  ifRange?: string | undefined;
}

/** What identifies the selected representation. */
export interface Validators {
  /** With its quotes, and `W/` if weak. */
  etag: string | undefined;
  /** Milliseconds, a whole second. */
  lastModified: number | undefined;
}

/**
 * Evaluates the preconditions in the order of RFC 9110 13.2.2, for a representation that exists.
 * @returns `proceed`, `not_modified` (304) or `failed` (412)
 */
export function evaluate(
  method: string,
  conditions: Preconditions,
  validators: Validators,
): "proceed" | "not_modified" | "failed" {
  const { etag, lastModified } = validators;
  const read = method === "GET" || method === "HEAD";
  // 1, 2: the state the client expects
  if (conditions.ifMatch !== undefined) {
    if (!listMatches(conditions.ifMatch, etag ?? "", strongMatch)) return "failed";
  } else if (conditions.ifUnmodifiedSince !== undefined && lastModified !== undefined) {
    const since = parseHttpDate(conditions.ifUnmodifiedSince);
    if (since !== undefined && lastModified > since) return "failed";
  }
  // 3, 4: the state the client has
  if (conditions.ifNoneMatch !== undefined) {
    if (listMatches(conditions.ifNoneMatch, etag ?? "", weakMatch)) {
      return read ? "not_modified" : "failed";
    }
  } else if (read && conditions.ifModifiedSince !== undefined && lastModified !== undefined) {
    const since = parseHttpDate(conditions.ifModifiedSince);
    if (since !== undefined && lastModified <= since) return "not_modified";
  }
  return "proceed";
}

/**
 * Whether a `Range` is to be honoured in the light of `If-Range` (RFC 9110 13.1.5): the client's part must
 * come from the very same bytes, so an entity tag is compared strongly, and a date must be the exact
 * `Last-Modified` and old enough to be a strong validator (8.8.2.2).
 * @param now milliseconds since the epoch
 */
export function rangeApplies(
  ifRange: string | undefined,
  validators: Validators,
  now: number = Date.now(),
): boolean {
  if (ifRange === undefined) return true;
  const value = ifRange.trim();
  if (isEtag(value)) return validators.etag !== undefined && strongMatch(value, validators.etag);
  const date = parseHttpDate(value);
  return date !== undefined && date === validators.lastModified && date <= now - 1000;
}
