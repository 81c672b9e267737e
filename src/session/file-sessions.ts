import { randomUUID } from "node:crypto";
import {
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  unlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import type { SessionRecord, SessionStore, SessionStoreOptions } from "./session-store.ts";

/** More than can come between a save and its look at what became of it. */
const KEPT_SAVES = 16;

/** After this long what was written aside is left over from a process that died. */
const ABANDONED_MS = 60_000;

/**
 * Sessions as files, shared by the processes of one machine without a lock.
 *
 * Each session is a folder, and each save of it a file there named by its version, of which the highest
 * counts. A save is written aside and then linked to its name, which only one of two can do; the file before
 * it goes afterwards. The time a file was modified is when the session ends.
 */
export class FileSessions implements SessionStore {
  readonly #folder: string;
  readonly #now: () => number;

  /** @param folder is made if it is missing, for its owner only */
  constructor(folder: string, { now = Date.now }: SessionStoreOptions = {}) {
    this.#folder = folder;
    this.#now = now;
  }

  async get(key: string): Promise<SessionRecord | undefined> {
    return (await this.#read(key))?.record;
  }

  async #read(
    key: string,
  ): Promise<{ record: SessionRecord; saves: readonly string[] } | undefined> {
    const folder = this.#folderOf(key);
    for (;;) {
      const version = await newest(folder);
      if (version === 0) return undefined;
      try {
        const file = join(folder, String(version));
        const [text, { mtimeMs }] = await Promise.all([readFile(file, "utf8"), stat(file)]);
        const expiresAt = Math.round(mtimeMs);
        if (expiresAt <= this.#now()) return undefined;
        const saved = readSaved(text);
        if (saved !== undefined) {
          const { createdAt, data, saves } = saved;
          return { record: { version, createdAt, expiresAt, data }, saves };
        }
        // Cut off where the machine lost its power: nobody could ever read it, nor save what comes after.
        await this.delete(key);
        return undefined;
      } catch (error) {
        // The next version has just taken its place, or the session is gone: look again.
        ignoreMissing(error);
      }
    }
  }

  async set(key: string, record: SessionRecord): Promise<boolean> {
    const { version, createdAt, expiresAt, data } = record;
    const folder = this.#folderOf(key);
    let saves: readonly string[] = [];
    if (version > 1) {
      const before = await this.#read(key);
      if (before?.record.version !== version - 1) return false;
      saves = before.saves;
    } else {
      // What has expired is not there, though it has not been purged yet.
      if ((await newest(folder)) > 0 && (await this.get(key)) === undefined) await this.delete(key);
      await mkdir(folder, { recursive: true, mode: 0o700 });
    }
    const own = randomUUID().slice(0, 8);
    const saved: SavedRecord = { createdAt, data, saves: [...saves.slice(1 - KEPT_SAVES), own] };
    const file = join(folder, String(version));
    if (!(await this.#place(file, JSON.stringify(saved), expiresAt))) return false;
    // The name may have been free because a later version had replaced it already; or that has come since, and
    // was made of this one.
    if ((await newest(folder)) > version && !(await this.#read(key))?.saves.includes(own)) {
      await unlink(file).catch(ignoreMissing);
      return false;
    }
    if (version > 1) await unlink(join(folder, String(version - 1))).catch(ignoreMissing);
    return true;
  }

  async touch(key: string, expiresAt: number): Promise<void> {
    const folder = this.#folderOf(key);
    const version = await newest(folder);
    if (version > 0) await setEnd(join(folder, String(version)), expiresAt).catch(ignoreMissing);
  }

  /** Out of the way in one step, so that a save that is under way cannot bring it back. */
  async delete(key: string): Promise<void> {
    const aside = this.#aside();
    await rename(this.#folderOf(key), aside).catch(ignoreMissing);
    await rm(aside, { recursive: true, force: true });
  }

  async purge(): Promise<number> {
    let removed = 0;
    for (const shard of await list(this.#folder)) {
      if (shard.startsWith(".")) await removeAbandoned(join(this.#folder, shard));
      else if (shard.length === 2) {
        for (const key of await list(join(this.#folder, shard))) {
          if (await this.#purgeOne(key)) removed++;
        }
      }
    }
    return removed;
  }

  async close(): Promise<void> {}

  async #purgeOne(key: string): Promise<boolean> {
    const folder = this.#folderOf(key);
    const version = await newest(folder);
    if (version === 0) {
      // Left over, or made for a save that is under way, which then begins anew.
      await rmdir(folder).catch(() => {});
      return false;
    }
    const end = await stat(join(folder, String(version))).catch(ignoreMissing);
    if (end === undefined || Math.round(end.mtimeMs) > this.#now()) return false;
    await this.delete(key);
    return true;
  }

  /** Writes a file that is there at once and whole. @returns false when its name is taken, or its folder gone */
  async #place(file: string, text: string, end: number): Promise<boolean> {
    const aside = this.#aside();
    try {
      await writeFile(aside, text, { flag: "wx", mode: 0o600 });
      await setEnd(aside, end);
      await link(aside, file);
      return true;
    } catch (error) {
      if (codeOf(error) === "EEXIST" || codeOf(error) === "ENOENT") return false;
      throw error;
    } finally {
      await unlink(aside).catch(ignoreMissing);
    }
  }

  #aside(): string {
    return join(this.#folder, `.${randomUUID()}`);
  }

  /** Below one of 256 folders, so that none becomes too large. */
  #folderOf(key: string): string {
    if (!/^[0-9a-f]{64}$/.test(key)) throw new TypeError("a session's key is a SHA-256 in hex");
    return join(this.#folder, key.slice(0, 2), key);
  }
}

interface SavedRecord {
  readonly createdAt: number;
  readonly data: string;
  /** The saves it was made by, the last ones: a save that was replaced at once can be told from one that came late. */
  readonly saves: readonly string[];
}

/** Undefined for what no save has written. */
function readSaved(text: string): SavedRecord | undefined {
  try {
    const { createdAt, data, saves = [] } = JSON.parse(text) as Partial<SavedRecord>;
    const isRecord = typeof createdAt === "number" && typeof data === "string";
    return isRecord ? { createdAt, data, saves } : undefined;
  } catch {
    return undefined;
  }
}

/** The highest version in a folder, 0 for none. */
async function newest(folder: string): Promise<number> {
  let version = 0;
  for (const name of await list(folder)) version = Math.max(version, Number(name) || 0);
  return version;
}

async function list(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(ignoreMissing)) ?? [];
}

async function removeAbandoned(path: string): Promise<void> {
  const found = await stat(path).catch(ignoreMissing);
  if (found === undefined || found.ctimeMs > Date.now() - ABANDONED_MS) return;
  await rm(path, { recursive: true, force: true });
}

function setEnd(file: string, expiresAt: number): Promise<void> {
  return utimes(file, expiresAt / 1000, expiresAt / 1000);
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code;
}

function ignoreMissing(error: unknown): undefined {
  if (codeOf(error) !== "ENOENT") throw error;
}
