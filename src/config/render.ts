import type { Diagnostic } from "./diagnostic.ts";
import { isSpan } from "./diagnostic.ts";

export interface RenderOptions {
  /** ANSI colours; off by default. */
  color?: boolean;
}

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
  const { at, severity, message, help } = diagnostic;
  const red = severity === "error" ? 31 : 33;
  const label = paint(`${severity}:`, red);
  if (!isSpan(at)) {
    const where = at === undefined ? "" : paint(`${at.name}: `, 1);
    return `${where}${label} ${message}\n${help === undefined ? "" : `  = ${help}\n`}`;
  }
  const { line, column } = at.file.position(at.start);
  const text = at.file.line(line).replaceAll("\t", " ");
  const width = caretWidth(
    [...text].length,
    column,
    Array.from(at.file.text.slice(at.start, at.end)),
  );
  const margin = " ".repeat(String(line).length + 1);
  const bar = paint("|", 34);
  let out = `${paint(`${at.file.name}:${line}:${column}:`, 1)} ${label} ${message}\n`;
  out += ` ${paint(String(line), 34)} ${bar} ${text}\n`.replace(/ +\n$/, "\n");
  out += `${margin} ${bar} ${" ".repeat(column - 1)}${paint("^".repeat(width), red)}\n`;
  if (help !== undefined) out += `${margin} ${paint("=", 34)} ${help}\n`;
  return out;
}

/** Carets run to the end of the piece or of its first line, whichever is sooner. */
function caretWidth(lineLength: number, column: number, piece: readonly string[]): number {
  const newline = piece.indexOf("\n");
  const length = newline < 0 ? piece.length : newline;
  return Math.max(1, Math.min(length, lineLength - column + 1));
}

/** All of them, and a line that counts them. */
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
  const blocks = diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, options));
  return `${blocks.join("\n")}\n${counts.join(", ")}\n`;
}
