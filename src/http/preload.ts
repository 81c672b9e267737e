const kinds: Record<string, string> = {
  css: "style",
  js: "script",
  mjs: "script",
  woff: "font",
  woff2: "font",
  avif: "image",
  gif: "image",
  jpg: "image",
  jpeg: "image",
  png: "image",
  svg: "image",
  webp: "image",
  json: "fetch",
  wasm: "fetch",
};

/**
 * A `Link` value that asks for `path` early (RFC 8288, HTML's preload).
 * @param as the kind of resource; guessed from the extension if left out
 */
export function preloadLink(path: string, as?: string): string {
  const file = path.split("?", 1)[0] as string;
  const kind = as ?? kinds[file.slice(file.lastIndexOf(".") + 1).toLowerCase()];
  const link = `<${encodeURI(path.toWellFormed()).replaceAll(">", "%3E")}>; rel=preload`;
  if (kind === undefined) return link;
  return kind === "font" ? `${link}; as=font; crossorigin` : `${link}; as=${kind}`;
}
