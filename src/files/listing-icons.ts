import { typeOfFile } from "../http/media-type.ts";

/** Small line drawings, defined once in a page and used by reference. */
export const listingIcons = `<svg hidden xmlns="http://www.w3.org/2000/svg">
<symbol id="home" viewBox="0 0 20 20"><path d="M3 9.2 10 3l7 6.2V16a1 1 0 0 1-1 1h-3.5v-4.5h-5V17H4a1 1 0 0 1-1-1z"/></symbol>
<symbol id="up" viewBox="0 0 20 20"><path d="M6 8.5 10 4.5l4 4M10 5v7.5a3 3 0 0 0 3 3h3"/></symbol>
<symbol id="folder" viewBox="0 0 20 20"><path d="M2.5 5.5a1.5 1.5 0 0 1 1.5-1.5h3.6l2 2.2H16a1.5 1.5 0 0 1 1.5 1.5v7A1.5 1.5 0 0 1 16 16.2H4a1.5 1.5 0 0 1-1.5-1.5z"/></symbol>
<symbol id="file" viewBox="0 0 20 20"><path d="M5 2.8h6.5L15.5 7v9.2a1 1 0 0 1-1 1H5.5a1 1 0 0 1-1-1V3.8a1 1 0 0 1 1-1zM11.2 3v4.3h4.2"/></symbol>
<symbol id="text" viewBox="0 0 20 20"><path d="M5.5 2.8h6L15.5 7v9.2a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1V3.8a1 1 0 0 1 1-1zM7.3 9.5h5.4M7.3 12h5.4M7.3 14.4h3.2"/></symbol>
<symbol id="code" viewBox="0 0 20 20"><path d="m6.8 6.2-4 3.8 4 3.8M13.2 6.2l4 3.8-4 3.8M11.3 4.5l-2.6 11"/></symbol>
<symbol id="image" viewBox="0 0 20 20"><path d="M4 3.5h12a1.5 1.5 0 0 1 1.5 1.5v10a1.5 1.5 0 0 1-1.5 1.5H4A1.5 1.5 0 0 1 2.5 15V5A1.5 1.5 0 0 1 4 3.5zM2.8 14.5l4.2-4 3 2.7 3.2-3.4 4 3.9M7 8.2a1.1 1.1 0 1 0 0-2.2 1.1 1.1 0 0 0 0 2.2"/></symbol>
<symbol id="video" viewBox="0 0 20 20"><path d="M4 4h12a1.5 1.5 0 0 1 1.5 1.5v9A1.5 1.5 0 0 1 16 16H4a1.5 1.5 0 0 1-1.5-1.5v-9A1.5 1.5 0 0 1 4 4zM8.3 7.3v5.4l4.5-2.7z"/></symbol>
<symbol id="audio" viewBox="0 0 20 20"><path d="M7.5 14.7V5l8-1.7v9.6M7.5 14.7a2.2 2 0 1 1-4.4 0 2.2 2 0 0 1 4.4 0zM15.5 12.9a2.2 2 0 1 1-4.4 0 2.2 2 0 0 1 4.4 0z"/></symbol>
<symbol id="archive" viewBox="0 0 20 20"><path d="M2.8 4h14.4v3.4H2.8zM4 7.4V15a1.2 1.2 0 0 0 1.2 1.2h9.6A1.2 1.2 0 0 0 16 15V7.4M8 10.4h4"/></symbol>
</svg>`;

const ARCHIVE =
  /^application\/(?:zip|zstd|gzip|x-(?:tar|xz|bzip2|7z-compressed|rpm)|vnd\.rar|java-archive)$/;
const CODE =
  /^(?:text\/(?:html|css|javascript|x-.*)|application\/(?:json|xml|wasm|toml|yaml|sql|x-sh)|.*\+(?:json|xml))$/;

/** Which drawing stands for a file. */
export function kindOf(name: string): string {
  const type = typeOfFile(name) ?? "";
  if (type.startsWith("image/")) return "image";
  if (type.startsWith("video/")) return name.endsWith(".ts") ? "code" : "video";
  if (type.startsWith("audio/")) return "audio";
  if (ARCHIVE.test(type)) return "archive";
  if (CODE.test(type)) return "code";
  return type.startsWith("text/") || type === "application/pdf" ? "text" : "file";
}
