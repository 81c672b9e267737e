// RFC 9110 8.8.3: opaque-tag = DQUOTE *etagc DQUOTE; the tag may hold commas, so lists are not split at them.
const MEMBER = /^[ \t]*(?:(W\/)?("[\x21\x23-\x7e\x80-\xff]*"))?[ \t]*(?:,|$)/;

/** Whether `text` is one well-formed entity tag. */
export function isEtag(text: string): boolean {
  return /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/.test(text);
}

export function isWeak(etag: string): boolean {
  return etag.startsWith("W/");
}

/** Weak comparison (RFC 9110 8.8.3.2): the opaque tags are equal. */
export function weakMatch(a: string, b: string): boolean {
  return opaque(a) === opaque(b);
}

/** Strong comparison (RFC 9110 8.8.3.2): both are strong and equal. */
export function strongMatch(a: string, b: string): boolean {
  return a === b && !isWeak(a);
}

function opaque(etag: string): string {
  return isWeak(etag) ? etag.slice(2) : etag;
}

/**
 * Whether a list of entity tags, as in `If-Match` and `If-None-Match`, has one that matches.
 * `*` matches anything that exists. What is not a well-formed list matches nothing beyond its first error.
 */
export function listMatches(
  list: string,
  etag: string,
  match: (a: string, b: string) => boolean,
): boolean {
  if (list.trim() === "*") return true;
  if (list === etag) return match(list, etag);
  let rest = list;
  while (rest !== "") {
    const found = MEMBER.exec(rest);
    if (found === null) return false;
    const tag = found[2];
    if (tag !== undefined && match((found[1] ?? "") + tag, etag)) return true;
    rest = rest.slice(found[0].length);
  }
  return false;
}
