import type { LoadedModule } from "./module/cache.ts";
import { ModuleCache } from "./module/cache.ts";
import { InvalidModule } from "./module/invalid-module.ts";
import type { ModuleLimits } from "./module/limits.ts";
import { readModuleFile } from "./module/read-module-file.ts";

/** Where a module is: a path, a `file:`, `http:` or `https:` URL, its bytes, or one that was loaded before. */
export type ModuleSource = string | URL | Uint8Array | ArrayBuffer | LoadedModule;

const FETCH_MS = 30_000;

/** Shared by all sandboxes of this program. */
const modules = new ModuleCache();

/** @throws InvalidModule, or the error of the file system or the network */
export async function loadModule(
  source: ModuleSource,
  limits: ModuleLimits,
): Promise<LoadedModule> {
  if (typeof source === "object" && "module" in source) return source;
  const bytes = await readSource(source, limits);
  try {
    return await modules.load(bytes, limits);
  } catch (error) {
    // Of several modules, which one it is.
    const hasName = typeof source === "string" || source instanceof URL;
    if (!hasName || !(error instanceof InvalidModule)) throw error;
    throw new InvalidModule(`${source} ${error.message}`);
  }
}

async function readSource(
  source: Exclude<ModuleSource, LoadedModule>,
  { maxBytes }: ModuleLimits,
): Promise<Uint8Array> {
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (source instanceof Uint8Array) return source;
  const isRemote = source instanceof URL ? source.protocol !== "file:" : /^https?:/.test(source);
  if (isRemote) return fetchModule(source, maxBytes);
  const isFileUrl = typeof source === "string" && source.startsWith("file:");
  return readModuleFile(isFileUrl ? new URL(source) : source, maxBytes);
}

async function fetchModule(url: string | URL, maxBytes: number): Promise<Uint8Array> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(FETCH_MS) });
  if (!answer.ok) throw new InvalidModule(`${url} answered ${answer.status}`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new InvalidModule(`${url} is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
