import { latin1 } from "../../runtime/bytes.ts";
import { isFieldValue, isToken } from "../http1/characters.ts";
import type { Field } from "./dynamic-table.ts";
import { DynamicTable } from "./dynamic-table.ts";
import { decodeHuffman } from "./huffman.ts";
import { staticTable } from "./static-table.ts";

/** The largest dynamic table we let a peer use: the default of RFC 9113 6.5.2. */
const TABLE_LIMIT = 4096;

const statics: readonly Field[] = staticTable.map(([name, value]) => ({
  name,
  value,
  valid: true,
}));

/** A block that cannot be decoded: the connection ends with COMPRESSION_ERROR (RFC 9113 4.3). */
export class HpackError extends Error {}

/** A decoded field section. */
export interface FieldSection {
  /** `[name, value, …]`, pseudo-headers included. Not complete when {@link tooLarge}. */
  readonly flat: string[];
  /** Sum of names, values and 32 bytes a field (RFC 9113 6.5.2), counted in full. */
  readonly size: number;
  readonly tooLarge: boolean;
  /** A name or value holds what may not stand in one. */
  readonly malformed: boolean;
}

/** The decoding side of HPACK (RFC 7541), one a connection. */
export class HpackDecoder {
  readonly #table = new DynamicTable(TABLE_LIMIT);
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;

  /**
   * Decodes a whole block. All of it is read, since the table must stay in step, but what goes beyond the
   * limits is not kept, so a small block cannot become a large list.
   * @throws HpackError
   */
  decode(block: Uint8Array, maxSize: number, maxFields: number): FieldSection {
    this.#bytes = block;
    this.#at = 0;
    const flat: string[] = [];
    let size = 0;
    let count = 0;
    let malformed = false;
    while (this.#at < block.byteLength) {
      const first = block[this.#at] as number;
      if ((first & 0xe0) === 0x20) {
        if (count > 0) throw new HpackError("a table size update behind a field");
        this.#resize();
        continue;
      }
      const field = first >= 0x80 ? this.#indexed() : this.#literal(first);
      count++;
      size += field.name.length + field.value.length + 32;
      if (!field.valid) malformed = true;
      if (size <= maxSize && count <= maxFields) flat.push(field.name, field.value);
    }
    return { flat, size, tooLarge: size > maxSize || count > maxFields, malformed };
  }

  #resize(): void {
    const limit = this.#integer(5);
    if (limit > TABLE_LIMIT) throw new HpackError("a table larger than allowed");
    this.#table.resize(limit);
  }

  #indexed(): Field {
    return this.#find(this.#integer(7));
  }

  #literal(first: number): Field {
    const indexing = first >= 0x40;
    const index = this.#integer(indexing ? 6 : 4);
    const name = index === 0 ? this.#string() : this.#find(index).name;
    const value = this.#string();
    const field = { name, value, valid: isValid(name, value) };
    if (indexing) this.#table.add(field);
    return field;
  }

  #find(index: number): Field {
    const field =
      index <= statics.length ? statics[index - 1] : this.#table.get(index - statics.length - 1);
    if (field === undefined) throw new HpackError(`no field has the index ${index}`);
    return field;
  }

  /** RFC 7541 5.1. */
  #integer(prefix: number): number {
    const mask = (1 << prefix) - 1;
    let value = this.#byte() & mask;
    if (value < mask) return value;
    for (let shift = 0; shift <= 21; shift += 7) {
      const byte = this.#byte();
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new HpackError("an integer is too large");
  }

  #string(): string {
    const huffman = (this.#bytes[this.#at] as number) >= 0x80;
    const length = this.#integer(7);
    const from = this.#at;
    const to = from + length;
    if (to > this.#bytes.byteLength) throw new HpackError("a string is cut short");
    this.#at = to;
    if (!huffman) return latin1(this.#bytes, from, to);
    const text = decodeHuffman(this.#bytes, from, to);
    if (text === undefined) throw new HpackError("a string is not a Huffman code");
    return text;
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new HpackError("the block is cut short");
    return byte;
  }
}

/** RFC 9113 8.2.1: lower-case token names; values without controls and without blanks around them. */
function isValid(name: string, value: string): boolean {
  const start = name.charCodeAt(0) === 0x3a ? 1 : 0;
  if (name.length === start) return false;
  for (let i = start; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (isToken[code] !== 1 || (code >= 0x41 && code <= 0x5a)) return false;
  }
  for (let i = 0; i < value.length; i++) {
    if (isFieldValue[value.charCodeAt(i)] !== 1) return false;
  }
  return !isBlank(value.charCodeAt(0)) && !isBlank(value.charCodeAt(value.length - 1));
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
