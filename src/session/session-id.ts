import { toBase64Url } from "../internal/base64url.ts";

const ID = /^[A-Za-z0-9_-]{43}$/;

/** 256 random bits. */
export function newSessionId(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(32)));
}

/** Whether a text could be one of {@link newSessionId}: nothing else is looked for in a store. */
export function isSessionId(text: string): boolean {
  return ID.test(text);
}

/** The key a session is kept under. */
export async function sessionKey(id: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(id));
  let hex = "";
  for (const byte of new Uint8Array(digest)) hex += byte.toString(16).padStart(2, "0");
  return hex;
}
