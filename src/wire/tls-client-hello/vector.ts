import { malformedHello } from "./client-hello.ts";

/** Takes a TLS structure apart, from its front; lengths that lie are refused (RFC 8446 3.4). */
export class Vector {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Bytes that are left. */
  get length(): number {
    return this.#bytes.length - this.#at;
  }

  take(count: number): Uint8Array {
    if (count > this.length) throw malformedHello("has a length beyond its end");
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  uint8(): number {
    return this.take(1)[0] as number;
  }

  uint16(): number {
    const [high = 0, low = 0] = this.take(2);
    return (high << 8) | low;
  }

  /** What a length of one byte says. */
  vector8(): Vector {
    return new Vector(this.take(this.uint8()));
  }

  /** What a length of two bytes says. */
  vector16(): Vector {
    return new Vector(this.take(this.uint16()));
  }

  /** All that is left. */
  bytes(): Uint8Array {
    return this.take(this.length);
  }

  latin1(): string {
    return String.fromCharCode(...this.bytes());
  }

  /** @throws ClientHelloError when anything is left */
  end(): void {
    if (this.length > 0) throw malformedHello("has bytes after its end");
  }
}
