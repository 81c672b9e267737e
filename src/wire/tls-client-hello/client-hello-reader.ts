import type { ClientHello } from "./client-hello.ts";
import { ClientHelloError, malformedHello } from "./client-hello.ts";
import { parseClientHello } from "./parse-client-hello.ts";

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const RECORD_HEAD = 5;
const MESSAGE_HEAD = 4;
/** RFC 8446 5.1 */
const MAX_RECORD = 16_384;
/** Clients that split a hello make a few records of it. */
const MAX_RECORDS = 64;

/** Room for post-quantum key shares, tickets and encrypted hellos: browsers send about 2 KB. */
export const MAX_CLIENT_HELLO_BYTES = 32_768;

/** What of a record is here. */
interface Part {
  readonly start: number;
  /** Of the record itself. */
  readonly recordEnd: number;
  /** Of what has come of it. */
  end: number;
}

/**
 * Reads a TLS connection's ClientHello without taking part in the handshake, in whatever pieces it comes,
 * also when it is spread over several records. Each byte is looked at and kept once, however few come at a time.
 *
 * @example
 * const reader = new ClientHelloReader();
 * const hello = reader.push(chunk);
 * if (hello !== undefined) connectTo(hello.serverName, reader.received);
 */
export class ClientHelloReader {
  readonly #limit: number;
  /** Its end is room. */
  #buffer: Uint8Array = new Uint8Array();
  #length = 0;
  readonly #parts: Part[] = [];
  /** Bytes of the message. */
  #collected = 0;
  /** What the message has to have. */
  #wanted: number | undefined;

  /** @param limit bytes that a hello may have with the heads of its records */
  constructor(limit: number = MAX_CLIENT_HELLO_BYTES) {
    this.#limit = limit;
  }

  /** All bytes so far, to be passed on to whoever takes part in the handshake. */
  get received(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /**
   * @returns undefined while more is needed
   * @throws ClientHelloError as soon as the bytes cannot become a ClientHello
   */
  push(chunk: Uint8Array): ClientHello | undefined {
    this.#append(chunk);
    const message = this.#message();
    if (message !== undefined) return parseClientHello(message);
    if (this.#length >= this.#limit) throw tooLarge(this.#limit);
    return undefined;
  }

  /** The message's body once all of it is there, put together from its records. */
  #message(): Uint8Array | undefined {
    for (;;) {
      const part = this.#partUnderWay();
      if (part === undefined) return undefined;
      const end = Math.min(this.#length, part.recordEnd);
      this.#collected += end - part.end;
      part.end = end;
      if (this.#isComplete()) return this.#join();
      if (end < part.recordEnd) return undefined;
    }
  }

  /** Of the record that is not whole yet, or of the one that begins; undefined while its head is not there. */
  #partUnderWay(): Part | undefined {
    const last = this.#parts.at(-1);
    if (last !== undefined && last.end < last.recordEnd) return last;
    const at = last?.recordEnd ?? 0;
    if (at >= this.#length) return undefined;
    const length = recordLength(this.received, at);
    if (this.#parts.length === MAX_RECORDS) {
      throw malformedHello("is spread over too many records");
    }
    if (length === 0) return undefined;
    const start = at + RECORD_HEAD;
    const part = { start, end: Math.min(start, this.#length), recordEnd: start + length };
    this.#parts.push(part);
    return part;
  }

  #isComplete(): boolean {
    if (this.#collected === 0) return false;
    if (this.#wanted === undefined) {
      // No message but this may be first, so its head is known to be at the front.
      if (this.#byteAt(0) !== CLIENT_HELLO) throw malformedHello("does not come first");
      if (this.#collected < MESSAGE_HEAD) return false;
      const size = (this.#byteAt(1) << 16) | (this.#byteAt(2) << 8) | this.#byteAt(3);
      this.#wanted = MESSAGE_HEAD + size;
      if (this.#wanted > this.#limit) throw tooLarge(this.#limit);
    }
    return this.#collected >= this.#wanted;
  }

  /** A byte of the message. */
  #byteAt(index: number): number {
    let left = index;
    for (const { start, end } of this.#parts) {
      if (left < end - start) return this.#buffer[start + left] as number;
      left -= end - start;
    }
    return 0;
  }

  #join(): Uint8Array {
    const whole = new Uint8Array(this.#collected);
    let at = 0;
    for (const { start, end } of this.#parts) {
      whole.set(this.#buffer.subarray(start, end), at);
      at += end - start;
    }
    return whole.subarray(MESSAGE_HEAD, this.#wanted);
  }

  #append(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    if (length > this.#buffer.length) {
      // Mostly the first chunk is all there is.
      const room = this.#length === 0 ? length : Math.max(length, 2 * this.#buffer.length);
      const larger = new Uint8Array(room);
      larger.set(this.received);
      this.#buffer = larger;
    }
    this.#buffer.set(chunk, this.#length);
    this.#length = length;
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

function tooLarge(limit: number): ClientHelloError {
  return new ClientHelloError("tls_hello_too_large", `a ClientHello has more than ${limit} bytes`);
}
