import type { ProxyHeader } from "./proxy-header.ts";
import { malformed, ProxyProtocolError, SIGNATURE } from "./proxy-header.ts";
import { BINARY_HEAD_BYTES, binaryLength, checkCommand, readBinaryHeader } from "./read-binary.ts";
import { readTextHeader } from "./read-text.ts";

/** The longest line of version 1, CR LF counted (2.1). */
const TEXT_BYTES = 107;
const CR = 0x0d;
const LF = 0x0a;
const TEXT_START = Array.from("PROXY ", (character) => character.charCodeAt(0));

/** Room for two unix addresses and a chain of TLVs with a client certificate's names. */
export const MAX_PROXY_HEADER_BYTES = 4096;

/** A header, and what of the connection came with it. */
export interface ReadProxyHeader {
  readonly header: ProxyHeader;
  /** The connection's first own bytes; may be empty. */
  readonly rest: Uint8Array;
}

/**
 * Reads the PROXY protocol header a connection begins with, version 1 or 2, in whatever pieces it comes.
 * https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt
 *
 * @example
 * const reader = new ProxyHeaderReader();
 * const read = reader.push(new TextEncoder().encode("PROXY TCP4 192.0.2.1 192.0.2.2 4000 80\r\nGET /"));
 * read?.header.source; // { address: "192.0.2.1", port: 4000 }
 */
export class ProxyHeaderReader {
  readonly #limit: number;
  #bytes: Uint8Array = new Uint8Array();

  /** @param limit bytes a header of version 2 may have */
  constructor(limit: number = MAX_PROXY_HEADER_BYTES) {
    this.#limit = limit;
  }

  /**
   * @returns undefined while more is needed
   * @throws ProxyProtocolError as soon as the bytes cannot become a header
   */
  push(chunk: Uint8Array): ReadProxyHeader | undefined {
    const bytes = this.#append(chunk);
    if (bytes.length === 0) return undefined;
    const isBinary = bytes[0] === SIGNATURE[0];
    const start = isBinary ? SIGNATURE : TEXT_START;
    for (let i = 0; i < bytes.length && i < start.length; i++) {
      if (bytes[i] !== start[i]) {
        throw new ProxyProtocolError(
          "proxy_header_missing",
          "the connection does not begin with a PROXY header",
        );
      }
    }
    return isBinary ? this.#binary(bytes) : this.#text(bytes);
  }

  #binary(bytes: Uint8Array): ReadProxyHeader | undefined {
    if (bytes.length > 12) checkCommand(bytes[12] as number);
    if (bytes.length < BINARY_HEAD_BYTES) return undefined;
    const length = BINARY_HEAD_BYTES + binaryLength(bytes);
    if (length > this.#limit) {
      throw new ProxyProtocolError(
        "proxy_header_too_large",
        `a PROXY header has ${length} bytes, more than ${this.#limit}`,
      );
    }
    if (bytes.length < length) return undefined;
    return { header: readBinaryHeader(bytes.subarray(0, length)), rest: bytes.subarray(length) };
  }

  #text(bytes: Uint8Array): ReadProxyHeader | undefined {
    const end = bytes.indexOf(LF);
    if (end < 0 ? bytes.length >= TEXT_BYTES : end >= TEXT_BYTES) {
      throw new ProxyProtocolError(
        "proxy_header_too_large",
        `a PROXY header has no line end within ${TEXT_BYTES} bytes`,
      );
    }
    const length = end < 0 ? bytes.length : end;
    let line = "";
    for (let i = 0; i < length; i++) {
      const byte = bytes[i] as number;
      // The CR before the line's end; one that is last may yet be.
      if (byte === CR && i === length - 1) break;
      if (byte < 0x20 || byte > 0x7e) throw malformed("a PROXY header has a byte that is no text");
      line += String.fromCharCode(byte);
    }
    if (end < 0) return undefined;
    if (bytes[end - 1] !== CR) throw malformed("a PROXY header ends with CR LF");
    return { header: readTextHeader(line), rest: bytes.subarray(end + 1) };
  }

  #append(chunk: Uint8Array): Uint8Array {
    if (this.#bytes.length === 0) return (this.#bytes = chunk);
    const bytes = new Uint8Array(this.#bytes.length + chunk.length);
    bytes.set(this.#bytes);
    bytes.set(chunk, this.#bytes.length);
    return (this.#bytes = bytes);
  }
}
