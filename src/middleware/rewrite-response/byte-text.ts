/**
 * Bytes as a text of as many characters, U+0000 to U+00FF: what is not touched comes out as it went in, whatever its
 * charset, as long as that has ASCII in it.
 */
export function textOfBytes(bytes: Uint8Array): string {
  let text = "";
  // As many arguments as any runtime takes.
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return text;
}

/** The reverse of {@link textOfBytes}. */
export function bytesOfText(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** A text as its UTF-8 looks in such a text. */
export function utf8Text(text: string): string {
  return textOfBytes(new TextEncoder().encode(text));
}
