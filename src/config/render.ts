import type { Diagnostic } from "./diagnostic.ts";
import { isSpan } from "./diagnostic.ts";
import { withoutPasswords } from "./toml/secret-ranges.ts";
import type { SourceFile, Span } from "./source-file.ts";

export interface RenderOptions {
  /** ANSI colours; off by default. */
  color?: boolean;
}

/** Always as long, since the length of a secret tells of it. */
const MASK = "********";

type Paint = (text: string, code: number) => string;

/**
 * A diagnostic for people:
 * ```
 * sluice.toml:3:8: error: server.port must be a whole number from 0 to 65535, not "eighty"
 *   3 | port = "eighty"
 *     |        ^^^^^^^^
 *     = help: …
 * ```
 */
export function renderDiagnostic(diagnostic: Diagnostic, options: RenderOptions = {}): string {
  const paint: Paint = options.color
    ? (text, code) => `\u001b[${code}m${text}\u001b[0m`
    : (text) => text;
  const { at, severity } = diagnostic;
  const message = withoutPasswords(diagnostic.message, MASK);
  const help = diagnostic.help && withoutPasswords(diagnostic.help, MASK);
  const red = severity === "error" ? 31 : 33;
  const label = paint(`${severity}:`, red);
  if (!isSpan(at)) {
    const where = at === undefined ? "" : paint(`${at.name}: `, 1);
    return `${where}${label} ${message}\n${help === undefined ? "" : `  = ${help}\n`}`;
  }
  const { line, column } = at.file.position(at.start);
  const { text, indent, width } = excerpt(at);
  const margin = " ".repeat(String(line).length + 1);
  const bar = paint("|", 34);
  let out = `${paint(`${at.file.name}:${line}:${column}:`, 1)} ${label} ${message}\n`;
  out += ` ${paint(String(line), 34)} ${bar} ${text}\n`.replace(/ +\n$/, "\n");
  out += `${margin} ${bar} ${" ".repeat(indent)}${paint("^".repeat(width), red)}\n`;
  if (help !== undefined) out += `${margin} ${paint("=", 34)} ${help}\n`;
  return out;
}

/** Longer lines are cut: this much is shown of them, a quarter of it before the caret. */
const EXCERPT = 120;
const BEFORE = 30;

/** The line of a piece, or the part of it around the piece, and where the carets go below. */
function excerpt({ file, start, end }: Span): { text: string; indent: number; width: number } {
  const { text, place } = withoutSecrets(file, start);
  const at = place(start);
  const cut = text.length > EXCERPT;
  // Not between the halves of a surrogate pair.
  const from = cut ? whole(text, Math.max(0, Math.min(at - BEFORE, text.length - EXCERPT))) : 0;
  const to = cut ? whole(text, Math.min(text.length, from + EXCERPT)) : text.length;
  const before = (from > 0 ? "…" : "") + text.slice(from, at);
  // Carets run to the end of the piece or of what is shown of its first line, whichever is sooner.
  const piece = text.slice(at, Math.min(to, Math.max(at, place(end))));
  const rest = text.slice(at, to) + (to < text.length ? "…" : "");
  return {
    text: (before + rest).replaceAll("\t", " ").replaceAll(/\p{Cc}/gu, "\uFFFD"),
    indent: Array.from(before).length,
    width: Math.max(1, Array.from(piece).length),
  };
}

/** The line of an offset as it may be shown, and where in it an offset of the file is. */
function withoutSecrets(
  file: SourceFile,
  offset: number,
): { text: string; place(offset: number): number } {
  const { text, start } = file.lineAround(offset);
  const end = start + text.length;
  const hidden = file.secrets.filter((range) => range.start < end && range.end > start);
  let shown = "";
  let at = start;
  for (const range of hidden) {
    shown += text.slice(at - start, Math.max(range.start - start, 0)) + MASK;
    at = Math.min(range.end, end);
  }
  shown += text.slice(at - start);
  const place = (wanted: number): number => {
    let shift = 0;
    for (const range of hidden) {
      if (wanted <= range.start) break;
      const from = Math.max(range.start, start);
      const to = Math.min(range.end, end);
      // Within it: at its beginning, or the end would tell of the length.
      if (wanted < to) return from - start + shift;
      shift += MASK.length - (to - from);
    }
    return Math.min(wanted - start + shift, shown.length);
  };
  return { text: shown, place };
}

function whole(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}

/** Nobody reads on after so many. */
const MOST_SHOWN = 100;

/** The first hundred of them, and a line that counts all. */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  options: RenderOptions = {},
): string {
  if (diagnostics.length === 0) return "";
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === "error").length;
  const warnings = diagnostics.length - errors;
  const counts = [];
  if (errors > 0) counts.push(errors === 1 ? "1 error" : `${errors} errors`);
  if (warnings > 0) counts.push(warnings === 1 ? "1 warning" : `${warnings} warnings`);
  const shown = firstOf(diagnostics);
  const blocks = shown.map((diagnostic) => renderDiagnostic(diagnostic, options));
  const more = diagnostics.length - shown.length;
  if (more > 0) blocks.push(`… and ${more} more\n`);
  return `${blocks.join("\n")}\n${counts.join(", ")}\n`;
}

/** When some must go, warnings do: they may not be what stands in the way. */
function firstOf(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  if (diagnostics.length <= MOST_SHOWN) return diagnostics;
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === "error");
  return (errors.length > 0 ? errors : diagnostics).slice(0, MOST_SHOWN);
}
