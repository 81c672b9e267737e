/** A writer for the few ASN.1 types that X.509 needs, in DER (X.690). */

/** One value: tag, definite length, contents. */
export function der(tag: number, ...contents: Uint8Array[]): Uint8Array {
  const body = Buffer.concat(contents);
  const length: number[] = [];
  if (body.length < 0x80) length.push(body.length);
  else {
    for (let rest = body.length; rest > 0; rest = Math.floor(rest / 256))
      length.unshift(rest % 256);
    length.unshift(0x80 | length.length);
  }
  return Buffer.concat([Uint8Array.of(tag, ...length), body]);
}

export const sequence = (...members: Uint8Array[]): Uint8Array => der(0x30, ...members);
export const set = (...members: Uint8Array[]): Uint8Array => der(0x31, ...members);
export const octetString = (bytes: Uint8Array): Uint8Array => der(0x04, bytes);
export const utf8String = (text: string): Uint8Array => der(0x0c, Buffer.from(text, "utf8"));
export const boolean = (value: boolean): Uint8Array => der(0x01, Uint8Array.of(value ? 0xff : 0));
export const NULL: Uint8Array = Uint8Array.of(0x05, 0x00);

/** `[number] EXPLICIT`. */
export const explicit = (number: number, value: Uint8Array): Uint8Array =>
  der(0xa0 | number, value);

/** `[number] IMPLICIT` of a primitive type: only its contents are given. */
export const implicit = (number: number, contents: Uint8Array): Uint8Array =>
  der(0x80 | number, contents);

/** A non-negative INTEGER from its big-endian bytes. */
export function integer(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const digits = bytes.subarray(start);
  const negative = (digits[0] as number) >= 0x80;
  return der(0x02, negative ? Uint8Array.of(0) : new Uint8Array(), digits);
}

/** A BIT STRING; `unused` counts the bits of the last byte that do not belong to it. */
export const bitString = (bytes: Uint8Array, unused = 0): Uint8Array =>
  der(0x03, Uint8Array.of(unused), bytes);

/** An OBJECT IDENTIFIER from its dotted form. */
export function oid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const base128 = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
      base128.unshift(0x80 | (left % 128));
    }
    bytes.push(...base128);
  }
  return der(0x06, Uint8Array.from(bytes));
}

/** A Time: UTCTime up to 2049 and GeneralizedTime after it, as RFC 5280 4.1.2.5 demands. */
export function time(date: Date): Uint8Array {
  const digits = date.toISOString().replace(/\.\d+|[-:T]/g, "");
  return date.getUTCFullYear() < 2050
    ? der(0x17, Buffer.from(digits.slice(2)))
    : der(0x18, Buffer.from(digits));
}
