/**
 * Whether a content type is one of a reader's.
 * @param type lower case, without parameters
 * @param accepted `application/json`, a structured suffix such as `application/*+json`, `text/*` or any
 */
export function mediaTypeMatches(type: string, accepted: readonly string[]): boolean {
  return accepted.some((one) => {
    if (one === type || one === "*/*") return true;
    const star = one.indexOf("*");
    if (star < 0) return false;
    const tail = one.slice(star + 1);
    return type.startsWith(one.slice(0, star)) && type.endsWith(tail) && type.length > one.length;
  });
}

/** The media type of a `Content-Type` value: lower case, without parameters; "" when there is none. */
export function essence(contentType: string | null): string {
  if (contentType === null) return "";
  const semicolon = contentType.indexOf(";");
  return (semicolon < 0 ? contentType : contentType.slice(0, semicolon)).trim().toLowerCase();
}
