import { mediaTypes } from "./media-types.ts";

/** Of files without a known extension. */
export const UNKNOWN_TYPE = "application/octet-stream";

/**
 * The media type of a file by its extension, without parameters; undefined when it is not known.
 * @param overrides by extension, lower case, without the dot; they win
 */
export function typeOfFile(
  name: string,
  overrides?: Readonly<Record<string, string>>,
): string | undefined {
  const dot = name.lastIndexOf(".");
  if (dot < 0 || dot < name.lastIndexOf("/")) return undefined;
  const extension = name.slice(dot + 1).toLowerCase();
  if (overrides !== undefined && Object.hasOwn(overrides, extension)) return overrides[extension];
  return mediaTypes.get(extension);
}

/** Adds `charset` to types that are text and have none yet. JSON is always UTF-8 and takes none (RFC 8259 11). */
export function withCharset(type: string, charset: string): string {
  if (charset === "" || /;\s*charset=/i.test(type)) return type;
  const essence = essenceOf(type);
  const isText = essence.startsWith("text/") || essence === "application/xhtml+xml";
  return isText ? `${type}; charset=${charset}` : type;
}

/** The type without parameters, in lower case. */
export function essenceOf(type: string): string {
  const end = type.indexOf(";");
  return (end < 0 ? type : type.slice(0, end)).trim().toLowerCase();
}

const COMPRESSIBLE =
  /^(?:text\/.*|.*\+(?:json|xml|text|yaml)|application\/(?:json|javascript|xml|wasm|toml|yaml|sql|rtf|x-sh|x-ndjson|manifest\+json|vnd\.ms-fontobject|x-tex|postscript)|font\/(?:ttf|otf|collection)|image\/(?:bmp|x-icon|vnd\.microsoft\.icon|x-ms-bmp)|model\/(?:obj|stl|gltf\+json))$/;

/** Whether compressing the type is worth it: text and the like, not what is compressed already. */
export function isCompressible(type: string): boolean {
  const essence = essenceOf(type);
  // Event streams must not wait in a compressor's window.
  return essence !== "text/event-stream" && COMPRESSIBLE.test(essence);
}
