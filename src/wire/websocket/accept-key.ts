import { sha1 } from "./sha1.ts";

const encoder = new TextEncoder();

/** The `Sec-WebSocket-Accept` that proves that a key was read (RFC 6455 4.2.2). */
export function acceptKey(key: string): string {
  const digest = sha1(encoder.encode(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`));
  return btoa(String.fromCharCode(...digest));
}

/** Whether a key is the base64 of 16 bytes (4.1). */
export function isKey(key: string): boolean {
  return /^[A-Za-z0-9+/]{21}[AQgw]==$/.test(key);
}
