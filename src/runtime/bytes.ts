/**
 * Text and bytes, the fast way the runtime has. `Buffer` is a global of Bun, Node and Deno; where there is
 * none the web's own means do the same.
 */
interface BufferPrototype {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
  latin1Write(this: Uint8Array, text: string, offset: number): number;
  copy(this: Uint8Array, target: Uint8Array, at: number, from: number, to: number): number;
}
interface BufferGlobal {
  prototype: BufferPrototype;
  byteLength(text: string): number;
}

const buffer = (globalThis as { Buffer?: BufferGlobal }).Buffer;
const slice = buffer?.prototype.latin1Slice;
const write = buffer?.prototype.latin1Write;
const copy = buffer?.prototype.copy;
const encoder = new TextEncoder();

/** Bytes `start` to `end` as text, one char a byte. */
export const latin1: (bytes: Uint8Array, start: number, end: number) => string =
  slice === undefined
    ? (bytes, start, end) => {
        let text = "";
        for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i] as number);
        return text;
      }
    : (bytes, start, end) => slice.call(bytes, start, end);

/** Bytes of `text` in UTF-8. Equal to its length exactly when it is ASCII. */
export const utf8Length: (text: string) => number =
  buffer === undefined
    ? (text) => encoder.encode(text).byteLength
    : (text) => buffer.byteLength(text);

/** Text whose chars are all below U+0100, one byte a char. */
export function latin1Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Writes `text`, one byte a char, into `target` from its start; it must fit. */
export const writeLatin1: (target: Uint8Array, text: string) => void =
  write === undefined
    ? (target, text) => target.set(latin1Bytes(text))
    : (target, text) => {
        write.call(target, text, 0);
      };

/** Up to so many bytes a loop beats the call into the runtime. */
const LOOP_BYTES = 64;

/** Up to so many bytes a copy takes less than a view of what a socket gave. */
const COPY_BYTES = 8 * 1024;

const copyOf = Uint8Array.prototype.slice;

/** Some of the bytes: a view, or a copy of few. */
export function part(bytes: Uint8Array, from: number, to: number): Uint8Array {
  const size = to - from;
  if (size > COPY_BYTES) return bytes.subarray(from, to);
  // That of a Buffer would be a view.
  if (size > LOOP_BYTES) return copyOf.call(bytes, from, to);
  const copy = new Uint8Array(size);
  for (let i = 0; i < size; i++) copy[i] = bytes[from + i] as number;
  return copy;
}

/** Copies bytes into `target`, from `at` on; they must fit. */
export function put(target: Uint8Array, bytes: Uint8Array, at: number): void {
  if (bytes.length > LOOP_BYTES) target.set(bytes, at);
  else for (let i = 0; i < bytes.length; i++) target[at + i] = bytes[i] as number;
}

/** Copies bytes `from` to `to` into `target`, from `at` on, without a view of them; they must fit. */
export const copyPart: (
  bytes: Uint8Array,
  from: number,
  to: number,
  target: Uint8Array,
  at: number,
) => void =
  copy === undefined
    ? (bytes, from, to, target, at) => target.set(bytes.subarray(from, to), at)
    : (bytes, from, to, target, at) => {
        copy.call(bytes, target, at, from, to);
      };

/** Two byte strings as one. */
export function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.byteLength + b.byteLength);
  both.set(a);
  both.set(b, a.byteLength);
  return both;
}
