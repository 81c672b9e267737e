/**
 * Windows-1252, as all "latin1" is on the web: each byte is a character of its own. What is not touched comes out as it
 * went in, whatever its charset, as long as that has ASCII in it.
 */
const decoder = new TextDecoder("latin1");
const encoder = new TextEncoder();

/** The bytes of characters beyond U+00FF. */
const FAR = new Map(
  [...decoder.decode(Uint8Array.from({ length: 256 }, (_, byte) => byte))].map(
    (character, byte) => [character.charCodeAt(0), byte],
  ),
);

/** Bytes as a text of as many characters. */
export function textOfBytes(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** The reverse of {@link textOfBytes}. */
export function bytesOfText(text: string): Uint8Array {
  if (!/[^\0-\x7f]/.test(text)) return encoder.encode(text);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    bytes[i] = code < 0x80 ? code : (FAR.get(code) ?? code);
  }
  return bytes;
}

/** A text as its UTF-8 looks in such a text. */
export function utf8Text(text: string): string {
  return textOfBytes(encoder.encode(text));
}
