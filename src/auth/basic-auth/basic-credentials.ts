/** A name and a password as a client sent them. */
export interface BasicCredentials {
  readonly username: string;
  readonly password: string;
}

// oxlint-disable-next-line no-control-regex -- RFC 7617 2 forbids just these
const CONTROL = /[\x00-\x1f\x7f]/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}={0,2}|[A-Za-z0-9+/]{3}=?)?$/;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads what follows `Basic` (RFC 7617 2): base64 of `name:password` in UTF-8, as our challenge asks for, in
 * Unicode's form NFC (2.1). Undefined for anything else.
 */
export function parseBasic(credentials: string): BasicCredentials | undefined {
  if (credentials === "" || !BASE64.test(credentials)) return undefined;
  let text: string;
  try {
    text = utf8.decode(Uint8Array.from(atob(credentials), (char) => char.charCodeAt(0)));
  } catch {
    return undefined;
  }
  const colon = text.indexOf(":");
  if (colon < 0 || CONTROL.test(text)) return undefined;
  return {
    username: text.slice(0, colon).normalize("NFC"),
    password: text.slice(colon + 1).normalize("NFC"),
  };
}
