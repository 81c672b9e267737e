import { closeSync, globSync, openSync, readSync, realpathSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { ConfigTree } from "./config-tree.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { diagnose } from "./diagnostic.ts";
import type { Origin } from "./origin.ts";
import { SourceFile } from "./source-file.ts";
import { placesOf } from "./toml/places.ts";
import { parseToml } from "./toml/parse.ts";
import { reason } from "./values.ts";

/** Far above what anyone writes, so that a wrong path or a loop of includes ends in words. */
const MOST_BYTES = 4 * 1024 * 1024;
const MOST_BYTES_IN_ALL = 16 * 1024 * 1024;
const MOST_FILES = 5_000;
const MOST_CHAINED = 16;

/** What could not be read of each file. */
export type Gaps = ReadonlyMap<SourceFile, readonly { start: number; end: number }[]>;

export interface FilesRead {
  readonly tree: ConfigTree;
  readonly diagnostics: readonly Diagnostic[];
  /** Absolute, in the order they were read. */
  readonly files: readonly string[];
  /** Parts of files that could not be read for syntax errors, so that what they said is missing from the tree. */
  readonly gaps: Gaps;
}

/**
 * Reads a configuration file and all it includes into one tree.
 * @param secretKeys keys whose values diagnostics do not show
 */
export function readFiles(file: string, cwd: string, secretKeys: ReadonlySet<string>): FilesRead {
  const reader = new Reader(cwd, secretKeys);
  const tree = reader.read(resolve(cwd, file), []) ?? new ConfigTree();
  return {
    tree,
    diagnostics: reader.diagnostics,
    files: [...reader.files],
    gaps: reader.gaps,
  };
}

class Reader {
  readonly #cwd: string;
  readonly #secretKeys: ReadonlySet<string>;
  readonly diagnostics: Diagnostic[] = [];
  readonly files = new Set<string>();
  readonly gaps = new Map<SourceFile, readonly { start: number; end: number }[]>();
  #reads = 0;
  #characters = 0;
  #full = false;

  constructor(cwd: string, secretKeys: ReadonlySet<string>) {
    this.#cwd = cwd;
    this.#secretKeys = secretKeys;
  }

  /** @param chain the files that are being read, outermost first */
  read(path: string, chain: readonly string[], origin?: Origin): ConfigTree | undefined {
    const name = displayName(path, this.#cwd);
    if (this.#isTooMuch(chain, origin)) return undefined;
    let text: string;
    let real: string;
    try {
      text = readText(path);
      real = realpathSync(path);
    } catch (error) {
      const at = origin?.kind === "file" ? origin.value : { name };
      this.#error(at, `cannot read ${origin ? `${name}: ` : "it: "}${reason(error)}`);
      return undefined;
    }
    if (chain.includes(real)) {
      const loop = [...chain.slice(chain.indexOf(real)), real];
      const shown = loop.map((file) => displayName(file, this.#cwd)).join(" → ");
      this.diagnostics.push(
        diagnose("error", origin, "value", `files include each other: ${shown}`),
      );
      return undefined;
    }
    this.files.add(path);
    this.#characters += text.length;
    const file = new SourceFile(name, path, text, this.#secretKeys);
    const parsed = parseToml(file);
    this.diagnostics.push(...parsed.diagnostics);
    if (parsed.gaps.length > 0) this.gaps.set(file, parsed.gaps);
    const tree = new ConfigTree(parsed.value, placesOf(file, parsed.statements));
    this.#include(tree, file, [...chain, real]);
    return tree;
  }

  #include(tree: ConfigTree, file: SourceFile, chain: readonly string[]): void {
    const patterns = tree.value["include"];
    // A wrong type is the schema's to report.
    if (!Array.isArray(patterns)) return;
    if (chain.length > 1) delete tree.value["include"];
    for (const [index, pattern] of patterns.entries()) {
      if (typeof pattern !== "string" || pattern === "") continue;
      const origin = tree.origin(["include", index]);
      const folder = dirname(file.path);
      const wild = /[*?[{]/.test(pattern);
      const found = wild ? globSync(pattern, { cwd: folder }).toSorted() : [pattern];
      for (const name of found) {
        const included = this.read(resolve(folder, name), chain, origin);
        if (included === undefined) continue;
        for (const diagnostic of tree.merge(included)) this.diagnostics.push(diagnostic);
      }
    }
  }

  /** Says once that no more is read. */
  #isTooMuch(chain: readonly string[], origin: Origin | undefined): boolean {
    if (this.#full) return true;
    const report = (message: string) =>
      this.diagnostics.push(diagnose("error", origin, "value", message));
    if (chain.length > MOST_CHAINED) {
      report(`files include each other more than ${MOST_CHAINED} deep`);
      return true;
    }
    if (++this.#reads > MOST_FILES) report(`more than ${MOST_FILES} files are included`);
    else if (this.#characters > MOST_BYTES_IN_ALL)
      report(
        `the files of the configuration are larger than ${megabytes(MOST_BYTES_IN_ALL)} in all`,
      );
    else return false;
    this.#full = true;
    return true;
  }

  #error(at: Diagnostic["at"], message: string): void {
    this.diagnostics.push({ severity: "error", message, help: undefined, at });
  }
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function readText(path: string): string {
  const bytes = readBytes(path);
  try {
    return strictUtf8.decode(bytes);
  } catch {
    throw new Error("it is not UTF-8 text");
  }
}

/** Not by its size: a device or a pipe has none, and may never end. */
function readBytes(path: string): Uint8Array {
  const file = openSync(path, "r");
  try {
    const chunks: Uint8Array[] = [];
    for (let total = 0; ;) {
      const chunk = new Uint8Array(64 * 1024);
      const count = readSync(file, chunk);
      if (count === 0) return Buffer.concat(chunks);
      total += count;
      if (total > MOST_BYTES) throw new Error(`it is larger than ${megabytes(MOST_BYTES)}`);
      chunks.push(chunk.subarray(0, count));
    }
  } finally {
    closeSync(file);
  }
}

function megabytes(bytes: number): string {
  return `${bytes / 1024 / 1024} MiB`;
}

/** Relative to the working directory where that is shorter. */
export function displayName(path: string, cwd: string): string {
  const name = relative(cwd, path);
  return name !== "" && name.length < path.length ? name : path;
}
