/** Names that Windows gives to devices, whatever their extension. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\.|$)/i;
/** Controls, and characters that turn the direction of text or cannot be seen ("gpj.exe" shown as "exe.jpg"). */
const UNSEEN =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
const RESERVED = /[<>:"|?*]/g;
const MAX_BYTES = 200;

const encoder = new TextEncoder();

/**
 * A name that is only a name, on any file system: what follows the last slash or backslash, without control
 * characters, reserved ones as "_", never hidden, never a device, at most 200 bytes with its extension kept.
 * It says nothing of the content.
 * @returns `fallback` where nothing is left
 * @example safeFilename("../../etc/passwd") // "passwd"
 */
export function safeFilename(name: string, fallback = "file"): string {
  const base = name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1);
  const shown = base.toWellFormed().normalize("NFC").replace(UNSEEN, "").replace(RESERVED, "_");
  // Windows drops dots and spaces at the end; a dot at the beginning hides a file or configures a server.
  let safe = withoutTail(shown.replace(/^[\s.]+/, ""));
  if (safe === "") return fallback;
  if (DEVICE.test(safe)) safe = `_${safe}`;
  return shorten(safe);
}

function shorten(name: string): string {
  if (encoder.encode(name).byteLength <= MAX_BYTES) return name;
  const dot = name.lastIndexOf(".");
  const extension = dot > 0 && name.length - dot <= 16 ? name.slice(dot) : "";
  const room = MAX_BYTES - encoder.encode(extension).byteLength;
  const stem = new Uint8Array(room);
  // Whole characters only.
  const { read } = encoder.encodeInto(name.slice(0, name.length - extension.length), stem);
  return withoutTail(name.slice(0, read)) + extension;
}

/** Without dots and white space at the end. An expression would look from each of them within: a loop looks once. */
function withoutTail(name: string): string {
  let end = name.length;
  while (end > 0 && /[\s.]/.test(name.charAt(end - 1))) end--;
  return name.slice(0, end);
}
