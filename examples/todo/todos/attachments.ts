import type { Database } from "bun:sqlite";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { error, safeFilename, sourceFrom } from "sluice";
import { saveUpload } from "sluice/files";
import type { Attachment } from "./todo.ts";

export const NoAttachment = error(404, "no_attachment", "This todo has no attachment.");

/** What may be attached, with the extension it is kept under. */
const EXTENSIONS = {
  "image/png": ".png",
  "image/jpeg": ".jpg",
  "image/webp": ".webp",
  "application/pdf": ".pdf",
  "text/plain": ".txt",
};
type AttachmentType = keyof typeof EXTENSIONS;
export const attachmentTypes = Object.keys(EXTENSIONS) as AttachmentType[];

/** The type of a file without its parameters (charset), if it is one that may be attached. */
export function attachmentType({ type }: File): AttachmentType | undefined {
  const essence = type.split(";", 1)[0]!.trim().toLowerCase();
  return attachmentTypes.find((allowed) => allowed === essence);
}

type Stored = Attachment & { file: string };

/** Files in a folder, and whose they are in the database. */
export class Attachments {
  readonly folder: string;
  readonly #db: Database;

  constructor(db: Database, folder: string) {
    this.#db = db;
    this.folder = folder;
  }

  /** @throws NoAttachment */
  find(todoId: number): Stored {
    const stored = this.#find(todoId);
    if (stored === null) throw new NoAttachment();
    return stored;
  }

  /** Keeps a file of a type that may be attached, in place of the one there was. */
  async put(todoId: number, upload: File): Promise<void> {
    const type = attachmentType(upload);
    if (type === undefined) throw new TypeError(`files of type ${upload.type} are not kept`);
    const body = sourceFrom([new Uint8Array(await upload.arrayBuffer())], upload.size);
    // The name in the folder is random; what the client calls it is only shown.
    const saved = await saveUpload({ body, filename: EXTENSIONS[type] }, this.folder);
    const old = this.#find(todoId);
    const replace = "INSERT OR REPLACE INTO attachments VALUES (?, ?, ?, ?, ?)";
    try {
      const name = safeFilename(upload.name);
      this.#db.query(replace).run(todoId, name, type, saved.size, saved.name);
    } catch (failure) {
      await this.discard(saved.name);
      throw failure;
    }
    await this.discard(old?.file);
  }

  /** The file of a todo, if any: to be discarded once the todo is gone. */
  fileOf(todoId: number): string | undefined {
    return this.#find(todoId)?.file;
  }

  async discard(file: string | undefined): Promise<void> {
    if (file !== undefined) await rm(join(this.folder, file), { force: true });
  }

  #find(todoId: number): Stored | null {
    const select = "SELECT name, type, size, file FROM attachments WHERE todoId = ?";
    return this.#db.query<Stored, [number]>(select).get(todoId);
  }
}
