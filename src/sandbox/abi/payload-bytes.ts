import type { Payload } from "./abi.ts";

/** Bytes as they are, a text as UTF-8, nothing as nothing, and everything else as JSON. */
export function payloadBytes(payload: Payload): Uint8Array {
  if (payload instanceof Uint8Array) return payload;
  if (payload === undefined) return new Uint8Array(0);
  return encoder.encode(typeof payload === "string" ? payload : JSON.stringify(payload));
}

const encoder = new TextEncoder();
