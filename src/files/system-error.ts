import { HttpError } from "../core/errors.ts";
import { HeaderList } from "../http/header-list.ts";

/** The code of an error of the operating system, such as `ENOENT`, or "". */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : "";
}

/**
 * What a failed look-up means for the client.
 * @returns undefined when there is no such file, or an error to throw
 */
export function meaningOf(error: unknown): HttpError | undefined {
  switch (codeOf(error)) {
    case "ENOENT":
    case "ENOTDIR":
    case "ENAMETOOLONG":
    case "ELOOP":
    case "EINVAL":
    // Device files without a device, and sockets.
    case "ENXIO":
    case "ENODEV":
      return undefined;
    case "EACCES":
    case "EPERM":
      return new HttpError(403, "file_forbidden", "The server may not read this file.");
    case "EMFILE":
    case "ENFILE":
    case "ENOMEM":
      return new HttpError(
        503,
        "too_many_open_files",
        "The server has too many files open: try again in a moment.",
        new HeaderList(["Retry-After", "1"]),
      );
    default:
      return new HttpError(500, "file_unreadable", "The file could not be read.");
  }
}
