import type { ClientHello } from "./client-hello.ts";
import { ClientHelloError, malformedHello } from "./client-hello.ts";
import { parseClientHello } from "./parse-client-hello.ts";

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const RECORD_HEAD = 5;
const MESSAGE_HEAD = 4;
/** RFC 8446 5.1 */
const MAX_RECORD = 16_384;
/** Clients that split a hello make a few records of it; each is looked at again when bytes come. */
const MAX_RECORDS = 64;

/** Room for post-quantum key shares, tickets and encrypted hellos: browsers send about 2 KB. */
export const MAX_CLIENT_HELLO_BYTES = 32_768;

/**
 * Reads a TLS connection's ClientHello without taking part in the handshake, in whatever pieces it comes,
 * also when it is spread over several records.
 *
 * @example
 * const reader = new ClientHelloReader();
 * const hello = reader.push(chunk);
 * if (hello !== undefined) connectTo(hello.serverName, reader.received);
 */
export class ClientHelloReader {
  readonly #limit: number;
  #received: Uint8Array = new Uint8Array();

  /** @param limit bytes that a hello may have with the heads of its records */
  constructor(limit: number = MAX_CLIENT_HELLO_BYTES) {
    this.#limit = limit;
  }

  /** All bytes so far, to be passed on to whoever takes part in the handshake. */
  get received(): Uint8Array {
    return this.#received;
  }

  /**
   * @returns undefined while more is needed
   * @throws ClientHelloError as soon as the bytes cannot become a ClientHello
   */
  push(chunk: Uint8Array): ClientHello | undefined {
    this.#append(chunk);
    const bytes = this.#received;
    const message = this.#message(bytes);
    if (message !== undefined) return parseClientHello(message);
    if (bytes.length >= this.#limit) throw tooLarge(this.#limit);
    return undefined;
  }

  /** The message's body once all of it is there, put together from its records. */
  #message(bytes: Uint8Array): Uint8Array | undefined {
    const parts: Uint8Array[] = [];
    let collected = 0;
    for (let at = 0; at < bytes.length;) {
      const length = recordLength(bytes, at);
      if (parts.length === MAX_RECORDS) throw malformedHello("is spread over too many records");
      const part = bytes.subarray(at + RECORD_HEAD, at + RECORD_HEAD + length);
      parts.push(part);
      collected += part.length;
      at += RECORD_HEAD + length;
      if (collected === 0) continue;
      // No message but this may be first, so its head is known to be at the front.
      if (byteAt(parts, 0) !== CLIENT_HELLO) throw malformedHello("does not come first");
      if (collected < MESSAGE_HEAD) continue;
      const size = (byteAt(parts, 1) << 16) | (byteAt(parts, 2) << 8) | byteAt(parts, 3);
      const wanted = MESSAGE_HEAD + size;
      if (wanted > this.#limit) throw tooLarge(this.#limit);
      if (collected >= wanted) return join(parts, collected).subarray(MESSAGE_HEAD, wanted);
    }
    return undefined;
  }

  #append(chunk: Uint8Array): void {
    const before = this.#received;
    if (before.length === 0) {
      this.#received = chunk;
      return;
    }
    this.#received = new Uint8Array(before.length + chunk.length);
    this.#received.set(before);
    this.#received.set(chunk, before.length);
  }
}

/**
 * The length a record at `at` says it has; 0 while its head is not complete.
 * @throws ClientHelloError when there is no handshake record
 */
function recordLength(bytes: Uint8Array, at: number): number {
  const [type, major, , high, low] = bytes.subarray(at, at + RECORD_HEAD);
  if (type !== HANDSHAKE || (major !== undefined && major !== 3)) {
    throw new ClientHelloError("tls_not_tls", "the connection does not begin with a TLS handshake");
  }
  if (high === undefined || low === undefined) return 0;
  const length = (high << 8) | low;
  // 5.1: empty handshake records must not be sent; they would cost and say nothing.
  if (length === 0) throw malformedHello("has an empty record");
  if (length > MAX_RECORD) throw malformedHello("has a record of more than 16,384 bytes");
  return length;
}

function byteAt(parts: readonly Uint8Array[], index: number): number {
  let left = index;
  for (const part of parts) {
    if (left < part.length) return part[left] as number;
    left -= part.length;
  }
  return 0;
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  const only = parts.length === 1 ? parts[0] : undefined;
  if (only !== undefined) return only;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function tooLarge(limit: number): ClientHelloError {
  return new ClientHelloError("tls_hello_too_large", `a ClientHello has more than ${limit} bytes`);
}
