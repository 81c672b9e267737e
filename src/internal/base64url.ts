/** Bytes as base64url without padding (RFC 4648 5). */
export function toBase64Url(bytes: Uint8Array): string {
  let binary = "";
  // In steps, since an argument list has a limit.
  for (let at = 0; at < bytes.byteLength; at += 8192) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** The bytes that {@link toBase64Url} wrote; undefined for any other text, padded text too. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return undefined;
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  // Bits left over must be zero, or several texts would mean the same bytes.
  return toBase64Url(bytes.subarray(bytes.length - (bytes.length % 3))) ===
    text.slice(text.length - (text.length % 4))
    ? bytes
    : undefined;
}
