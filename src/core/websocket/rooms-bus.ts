/** What a message is on its way to other processes: JSON. */
export interface RoomsMessage {
  /** Which process it comes from. */
  readonly from: string;
  readonly topic: string;
  readonly text?: string;
  /** Of bytes. */
  readonly base64?: string;
}

/** What carries messages between the workers of a server; the store is one. */
export interface RoomsBus {
  publish(channel: string, message: { readonly [key: string]: string }): Promise<void>;
  /** @returns a function that ends the subscription */
  subscribe(channel: string, listener: (message: unknown) => void): () => void;
}

export function encodeRoomsMessage(
  from: string,
  topic: string,
  data: string | Uint8Array,
): { [key: string]: string } {
  if (typeof data === "string") return { from, topic, text: data };
  let binary = "";
  for (let at = 0; at < data.byteLength; at += CHUNK) {
    binary += String.fromCharCode(...data.subarray(at, at + CHUNK));
  }
  return { from, topic, base64: btoa(binary) };
}

/** How many bytes become arguments of one call. */
const CHUNK = 8_192;

/** @returns undefined when it is not a message of rooms, or one of `self` that has come back */
export function decodeRoomsMessage(
  message: unknown,
  self: string,
): { topic: string; data: string | Uint8Array } | undefined {
  if (typeof message !== "object" || message === null) return undefined;
  const { from, topic, text, base64 } = message as Partial<RoomsMessage>;
  if (from === self || typeof topic !== "string") return undefined;
  if (typeof text === "string") return { topic, data: text };
  if (typeof base64 !== "string") return undefined;
  return { topic, data: Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)) };
}
