import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type * as z from "zod";
import { coerce } from "./coerce.ts";
import type { ConfigTree } from "./config-tree.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { diagnose } from "./diagnostic.ts";
import type { Environment } from "./environment.ts";
import type { KeyPath } from "./path-key.ts";
import { pathKey, showPath } from "./path-key.ts";
import { child, notesFor } from "./schema/walk.ts";

/** What became of the texts of a tree. */
export interface Resolved {
  readonly diagnostics: readonly Diagnostic[];
  /** The reference, such as `env:NAME`, of every value that came from one. Their values are never shown. */
  readonly references: ReadonlyMap<string, string>;
  /** Where a reference leads nowhere. */
  readonly failed: readonly KeyPath[];
  /** Files that were read for `file:` values. */
  readonly files: readonly string[];
}

/**
 * Replaces `env:NAME` and `file:PATH` by what they stand for, and makes paths absolute: relative to the file
 * that says them, or to `cwd` where a variable or a flag does.
 */
export function resolveValues(
  tree: ConfigTree,
  schema: z.ZodType,
  env: Environment,
  cwd: string,
  severity: Diagnostic["severity"],
): Resolved {
  const diagnostics: Diagnostic[] = [];
  const references = new Map<string, string>();
  const files: string[] = [];
  const failed: KeyPath[] = [];

  const folderOf = (path: KeyPath): string => {
    const origin = tree.nearest(path);
    return origin?.kind === "file" ? dirname(origin.value.file.path) : cwd;
  };

  const report = (path: KeyPath, message: string, help?: string) =>
    diagnostics.push(
      diagnose(severity, tree.nearest(path), "value", `${showPath(path)} ${message}`, help),
    );

  const dereference = (path: KeyPath, text: string): string | undefined => {
    const name = /^env:([A-Za-z_]\w*)$/.exec(text)?.[1];
    if (name !== undefined) {
      const value = env[name];
      if (value === undefined)
        report(path, `refers to the environment variable ${name}, which is not set`);
      return value;
    }
    const file = resolve(folderOf(path), text.slice("file:".length));
    try {
      const value = readFileSync(file, "utf8");
      files.push(file);
      // Editors and `echo` end a file with a newline that is no part of a secret.
      return value.replace(/\r?\n$/, "");
    } catch (error) {
      report(path, `refers to the file ${file}, which cannot be read: ${reason(error)}`);
      return undefined;
    }
  };

  const visit = (value: unknown, path: KeyPath, key: z.ZodType | undefined): unknown => {
    if (Array.isArray(value)) {
      const item = key && child(key, 0, value);
      return value.map((one, index) => visit(one, [...path, index], item));
    }
    if (typeof value === "object" && value !== null && !(value instanceof Date)) {
      const table = value as Record<string, unknown>;
      for (const part of Object.keys(table)) {
        table[part] = visit(table[part], [...path, part], key && child(key, part, table));
      }
      return table;
    }
    if (typeof value !== "string" || key === undefined) return value;
    if (notesFor(key)?.variable && /^[A-Za-z_]\w*$/.test(value)) {
      const text = dereference(path, `env:${value}`);
      references.set(pathKey(path), value);
      if (text === undefined) failed.push(path);
      return text ?? value;
    }
    if (/^env:[A-Za-z_]\w*$|^file:./.test(value)) {
      const text = dereference(path, value);
      references.set(pathKey(path), value);
      if (text === undefined) failed.push(path);
      return text === undefined ? value : coerce(text, key);
    }
    const notes = notesFor(key);
    if (notes?.path && value !== "" && !notes.words?.includes(value) && !isPem(value)) {
      return resolve(folderOf(path), value);
    }
    return value;
  };

  visit(tree.value, [], schema);
  return { diagnostics, references, failed, files };
}

/** Whether a certificate or key is given as its text and not as a path. */
export function isPem(value: string): boolean {
  return value.trimStart().startsWith("-----BEGIN");
}

/** Why a file operation failed, in words. */
export function reason(error: unknown): string {
  switch ((error as { code?: string }).code) {
    case "ENOENT":
      return "there is no such file";
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "EISDIR":
      return "it is a directory";
    case "ENOTDIR":
      return "a part of its path is no directory";
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
