import { toBase64Url } from "../../internal/base64url.ts";

/**
 * A token nobody can guess, as base64url: for API keys, links in mails, secrets.
 * @param bytes of randomness, 16 to 1024; 32 make 43 characters
 * @throws RangeError for fewer or more
 * @example
 * const apiKey = randomToken(); // "q1mXW0Qy…", 43 characters
 */
export function randomToken(bytes = 32): string {
  if (!Number.isInteger(bytes) || bytes < 16 || bytes > 1024) {
    throw new RangeError(`a random token has 16 to 1024 bytes, not ${bytes}`);
  }
  return toBase64Url(crypto.getRandomValues(new Uint8Array(bytes)));
}
