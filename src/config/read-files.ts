import { globSync, readFileSync, realpathSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { ConfigTree } from "./config-tree.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { diagnose } from "./diagnostic.ts";
import type { Origin } from "./origin.ts";
import type { Span } from "./source-file.ts";
import { SourceFile } from "./source-file.ts";
import { placesOf } from "./toml/places.ts";
import { parseToml } from "./toml/parse.ts";
import { reason } from "./values.ts";

export interface FilesRead {
  readonly tree: ConfigTree;
  readonly diagnostics: readonly Diagnostic[];
  /** Absolute, in the order they were read. */
  readonly files: readonly string[];
  /** Parts of files that could not be read for syntax errors, so that what they said is missing from the tree. */
  readonly gaps: readonly Span[];
}

/** Reads a configuration file and all it includes into one tree. */
export function readFiles(file: string, cwd: string): FilesRead {
  const reader = new Reader(cwd);
  const tree = reader.read(resolve(cwd, file), []) ?? new ConfigTree();
  return {
    tree,
    diagnostics: reader.diagnostics,
    files: reader.files,
    gaps: reader.gaps,
  };
}

class Reader {
  readonly #cwd: string;
  readonly diagnostics: Diagnostic[] = [];
  readonly files: string[] = [];
  readonly gaps: Span[] = [];

  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  /** @param chain the files that are being read, outermost first */
  read(path: string, chain: readonly string[], origin?: Origin): ConfigTree | undefined {
    const name = displayName(path, this.#cwd);
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
    if (!this.files.includes(path)) this.files.push(path);
    const file = new SourceFile(name, path, text);
    const parsed = parseToml(file);
    this.diagnostics.push(...parsed.diagnostics);
    for (const gap of parsed.gaps) this.gaps.push({ file, ...gap });
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
        if (included !== undefined) this.diagnostics.push(...tree.merge(included));
      }
    }
  }

  #error(at: Diagnostic["at"], message: string): void {
    this.diagnostics.push({ severity: "error", message, help: undefined, at });
  }
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function readText(path: string): string {
  const bytes = readFileSync(path);
  try {
    return strictUtf8.decode(bytes);
  } catch {
    throw new Error("it is not UTF-8 text");
  }
}

/** Relative to the working directory where that is shorter. */
export function displayName(path: string, cwd: string): string {
  const name = relative(cwd, path);
  return name !== "" && name.length < path.length ? name : path;
}
