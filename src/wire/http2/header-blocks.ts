import { concat } from "../../runtime/bytes.ts";
import type { FieldSection } from "../hpack/decoder.ts";
import { HpackDecoder } from "../hpack/decoder.ts";
import { ConnectionError, ErrorCode, Flag, unpad } from "./frames.ts";

/** How large a field section may be. */
export interface BlockLimits {
  /** Bytes of a block before it is decoded, and of its fields behind that (RFC 9113 6.5.2). */
  readonly headerBytes: number;
  readonly headerCount: number;
}

/** A whole field section and where it belongs. */
export interface HeaderBlock {
  readonly stream: number;
  readonly endStream: boolean;
  readonly section: FieldSection;
}

/** Puts field sections together from HEADERS and CONTINUATION (RFC 9113 4.3) and decodes them. */
export class HeaderBlocks {
  readonly #decoder = new HpackDecoder();
  #stream = 0;
  #endStream = false;
  #bytes: Uint8Array | undefined;

  /** A section has begun and is not complete: only its CONTINUATION may follow. */
  get open(): boolean {
    return this.#bytes !== undefined;
  }

  /** @throws ConnectionError, HpackError */
  begin(
    flags: number,
    stream: number,
    payload: Uint8Array,
    limits: BlockLimits,
  ): HeaderBlock | undefined {
    let bytes = unpad(flags, payload);
    if ((flags & Flag.priority) !== 0) {
      if (bytes.byteLength < 5) {
        throw new ConnectionError(ErrorCode.frameSize, "HEADERS is too short for its priority");
      }
      bytes = bytes.subarray(5);
    }
    this.#stream = stream;
    this.#endStream = (flags & Flag.endStream) !== 0;
    this.#bytes = bytes;
    return this.#complete(flags, limits);
  }

  /** @throws ConnectionError, HpackError */
  go(
    flags: number,
    stream: number,
    payload: Uint8Array,
    limits: BlockLimits,
  ): HeaderBlock | undefined {
    if (this.#bytes === undefined || this.#stream !== stream) {
      throw new ConnectionError(ErrorCode.protocol, "CONTINUATION without HEADERS");
    }
    this.#bytes = concat(this.#bytes, payload);
    // CVE-2024-27316: what is gathered is bounded before it is decoded.
    if (this.#bytes.byteLength > limits.headerBytes) {
      throw new ConnectionError(ErrorCode.enhanceYourCalm, "header_too_large");
    }
    return this.#complete(flags, limits);
  }

  #complete(flags: number, limits: BlockLimits): HeaderBlock | undefined {
    if ((flags & Flag.endHeaders) === 0) return undefined;
    const bytes = this.#bytes as Uint8Array;
    this.#bytes = undefined;
    // Pseudo-headers do not count against the limit on fields.
    const section = this.#decoder.decode(bytes, limits.headerBytes, limits.headerCount + 5);
    return { stream: this.#stream, endStream: this.#endStream, section };
  }
}
