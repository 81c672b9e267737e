import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * What was built from the same sources before: a compiler takes seconds, and several files of tests use the same
 * guests. Safe for tests that run side by side: a folder appears at once, with all that is in it.
 * @param sources files and folders, and texts that matter too
 * @returns the folder that `build` has filled
 */
export async function buildOnce(
  sources: readonly string[],
  build: (folder: string) => void | Promise<void>,
): Promise<string> {
  const hash = createHash("sha256");
  for (const source of sources) hash.update(`${source}\0`).update(contentOf(source));
  const cache = join(tmpdir(), `sluice-guests-${process.getuid?.() ?? 0}`);
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  const folder = join(cache, hash.digest("hex").slice(0, 32));
  if (existsSync(folder)) return folder;
  const fresh = mkdtempSync(join(cache, "new-"));
  try {
    await build(fresh);
    renameSync(fresh, folder);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    // Another test was first.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

function contentOf(source: string): string {
  if (!existsSync(source)) return "";
  try {
    return readFileSync(source, "latin1");
  } catch {
    const files = readdirSync(source, { recursive: true, withFileTypes: true });
    return files
      .filter((file) => file.isFile())
      .map((file) => readFileSync(join(file.parentPath, file.name), "latin1"))
      .join("\0");
  }
}
