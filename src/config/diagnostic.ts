import type { Origin } from "./origin.ts";
import type { Span } from "./source-file.ts";

/** One thing wrong with a configuration. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  /** What is wrong, and what was expected. */
  readonly message: string;
  /** What to do about it, such as "did you mean …?". */
  readonly help: string | undefined;
  /** Where it is: a piece of a file, an environment variable or a flag; undefined for the configuration as a whole. */
  readonly at: Span | { readonly name: string } | undefined;
}

/** A diagnostic under the key or the value of an origin. */
export function diagnose(
  severity: Diagnostic["severity"],
  origin: Origin | undefined,
  part: "key" | "value",
  message: string,
  help?: string,
): Diagnostic {
  const at =
    origin === undefined
      ? undefined
      : origin.kind === "file"
        ? origin[part]
        : { name: origin.name };
  return { severity, message, help, at };
}

/** File order; what has no place in a file comes first. Of equal messages at one place only one is kept. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  const unique = diagnostics.filter((diagnostic) => {
    const id = `${identify(diagnostic)} ${diagnostic.message}`;
    return !seen.has(id) && seen.add(id);
  });
  const order = new Map<string, number>();
  for (const { at } of unique) {
    if (isSpan(at) && !order.has(at.file.path)) order.set(at.file.path, order.size);
  }
  return unique.toSorted((a, b) => {
    const files = fileRank(a, order) - fileRank(b, order);
    return files !== 0 ? files : offset(a) - offset(b);
  });
}

function fileRank(diagnostic: Diagnostic, order: ReadonlyMap<string, number>): number {
  return isSpan(diagnostic.at) ? (order.get(diagnostic.at.file.path) ?? -1) : -1;
}

function offset(diagnostic: Diagnostic): number {
  return isSpan(diagnostic.at) ? diagnostic.at.start : -1;
}

function identify({ at }: Diagnostic): string {
  if (at === undefined) return "";
  return isSpan(at) ? `${at.file.path}:${at.start}` : at.name;
}

export function isSpan(at: Diagnostic["at"]): at is Span {
  return at !== undefined && "file" in at;
}
