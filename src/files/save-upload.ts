import { randomUUID } from "node:crypto";
import { link, mkdir, open, rename, unlink } from "node:fs/promises";
import path from "node:path";
import { HttpError } from "../core/errors.ts";
import type { Source } from "../wire/source.ts";
import { safeFilename } from "../http/safe-filename.ts";
import { codeOf } from "./system-error.ts";

/** What is saved: a part of a form is one, and so is `{ body: c.body }`. */
export interface Upload {
  readonly body: Source;
  /** Its extension is kept. */
  readonly filename?: string | undefined;
}

export interface SaveOptions {
  /**
   * The file's name in the folder. If left out it is random with the extension of the upload, so that no client
   * chooses where its bytes lie and no two meet.
   */
  name?: string;
  /** Replaces a file of that name; otherwise the upload is refused with 409. */
  overwrite?: boolean;
  /** Permissions; 0o600 if left out. */
  mode?: number;
  /** Bytes it may have; 413 beyond. */
  maxBytes?: number;
}

export interface SavedUpload {
  /** Absolute. */
  readonly path: string;
  readonly name: string;
  readonly size: number;
}

/**
 * Writes an upload to a folder, which is made if it is missing. The file appears under its name only once it
 * is whole; whatever goes wrong before leaves nothing behind.
 * @throws TypeError when `name` is not a plain, safe file name
 * @throws HttpError 409 when the name is taken, 413 over `maxBytes`, 507 when the disk is full
 * @example
 * for await (const part of c.files()) {
 *   if (part.isFile) await saveUpload(part, "/var/uploads", { maxBytes: 5_000_000 });
 * }
 */
export async function saveUpload(
  upload: Upload,
  folder: string,
  options: SaveOptions = {},
): Promise<SavedUpload> {
  const name = options.name ?? randomUUID() + extensionOf(upload.filename);
  if (safeFilename(name, "") !== name || name === "") {
    upload.body.cancel();
    throw new TypeError(
      `${JSON.stringify(name)} is no safe file name: pass it through safeFilename first`,
    );
  }
  const target = path.resolve(folder, name);
  const temporary = path.resolve(folder, `.upload-${randomUUID()}`);
  try {
    await mkdir(folder, { recursive: true });
    const size = await write(upload.body, temporary, options);
    if (options.overwrite) await rename(temporary, target);
    else {
      // Unlike rename, this fails where there is one already.
      await link(temporary, target);
      await unlink(temporary);
    }
    return { path: target, name, size };
  } catch (error) {
    upload.body.cancel(error);
    await unlink(temporary).catch(() => {});
    throw meaningOf(error, name);
  }
}

async function write(body: Source, file: string, options: SaveOptions): Promise<number> {
  const { mode = 0o600, maxBytes = Infinity } = options;
  const handle = await open(file, "wx", mode);
  try {
    let size = 0;
    for (let chunk = await body.pull(); chunk !== null; chunk = await body.pull()) {
      size += chunk.byteLength;
      if (size > maxBytes) {
        const message = `A file may have at most ${maxBytes} bytes.`;
        throw new HttpError(413, "upload_too_large", message);
      }
      for (let at = 0; at < chunk.byteLength;) {
        at += (await handle.write(chunk, at)).bytesWritten;
      }
    }
    return size;
  } finally {
    await handle.close();
  }
}

function extensionOf(filename: string | undefined): string {
  const found = /\.[a-z0-9]{1,10}$/i.exec(filename ?? "");
  return found === null ? "" : found[0].toLowerCase();
}

function meaningOf(error: unknown, name: string): unknown {
  switch (codeOf(error)) {
    case "EEXIST":
      return new HttpError(
        409,
        "upload_exists",
        `There is a file ${JSON.stringify(name)} already.`,
      );
    case "ENOSPC":
    case "EDQUOT":
      return new HttpError(507, "upload_no_space", "There is no room for this file.");
    default:
      return error;
  }
}
