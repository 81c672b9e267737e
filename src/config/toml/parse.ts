import type { TomlTable } from "smol-toml";
import { parse, TomlError } from "smol-toml";
import type { Diagnostic } from "../diagnostic.ts";
import type { SourceFile } from "../source-file.ts";
import type { Statement } from "./scan.ts";
import { scanToml } from "./scan.ts";

export interface ParsedToml {
  readonly value: TomlTable;
  readonly statements: readonly Statement[];
  /** Parts of the text that were left out, from one table header to the next. */
  readonly gaps: readonly { start: number; end: number }[];
  /** Syntax errors. `value` is what remains without the lines that have them. */
  readonly diagnostics: readonly Diagnostic[];
}

const MOST_SYNTAX_ERRORS = 20;

/**
 * Parses TOML and goes on after a syntax error: the line it is on is blanked out, so that offsets stay, and
 * the rest is read again. So one run reports every mistake of a file.
 */
export function parseToml(file: SourceFile): ParsedToml {
  const diagnostics: Diagnostic[] = [];
  const gaps: { start: number; end: number }[] = [];
  let text = file.text;
  while (diagnostics.length < MOST_SYNTAX_ERRORS) {
    try {
      const value = parse(text);
      return { value, statements: scanToml(text), gaps, diagnostics };
    } catch (error) {
      if (!(error instanceof TomlError)) throw error;
      const offset = offsetOf(text, error.line, error.column);
      diagnostics.push(syntaxError(file, offset, error));
      const blanked = blankStatement(text, offset);
      if (blanked.text === text) break;
      gaps.push(blanked.gap);
      text = blanked.text;
    }
  }
  return { value: {}, statements: [], gaps: [{ start: 0, end: text.length }], diagnostics };
}

function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let i = 1; i < line; i++) start = text.indexOf("\n", start) + 1;
  return Math.min(start + column - 1, text.length);
}

function syntaxError(file: SourceFile, offset: number, error: TomlError): Diagnostic {
  // The message's first line is the reason; a picture of the code follows it.
  const reason = (error.message.split("\n")[0] as string).replace(/^Invalid TOML document: /, "");
  // An error at the very end is shown behind the last character.
  const at =
    offset > 0 && offset >= file.text.length && file.text.endsWith("\n") ? offset - 1 : offset;
  return {
    severity: "error",
    message: `invalid TOML: ${reason}`,
    help: syntaxHelp(file, at),
    at: { file, start: at, end: at + tokenLength(file.text, at) },
  };
}

function tokenLength(text: string, at: number): number {
  return Math.max(1, /^[^\s,\]}#]*/.exec(text.slice(at, at + 80))?.[0].length ?? 1);
}

/** What people from other formats write. */
function syntaxHelp(file: SourceFile, offset: number): string | undefined {
  const { line } = file.position(offset);
  const text = file.line(line).trim();
  if (/^[\w-]+\s*:/.test(text)) return 'help: TOML separates key and value by "=", not ":"';
  if (/=\s*(yes|no|on|off|True|False)\b/.test(text)) return "help: write true or false";
  if (/^[\w.-]+\s*=\s*[A-Za-z./][^"'[{]*$/.test(text))
    return 'help: text needs quotes, as in key = "text"';
  if (/^[\w.-]+\s*=\s*$/.test(text)) return "help: the value is missing";
  if (text.startsWith("//")) return 'help: comments begin with "#"';
  if (/^[\w.-]+\s+[^=]*$/.test(text)) return "help: a setting is written key = value";
  return undefined;
}

/** The offending line; of a broken table header all lines up to the next header, whose keys would go astray. */
function blankStatement(
  text: string,
  offset: number,
): { text: string; gap: { start: number; end: number } } {
  // Unfinished strings and arrays are reported where they end: at the end of a line or of the file.
  const probe = offset >= text.length || text[offset] === "\n" ? lastInk(text, offset) : offset;
  const start = text.lastIndexOf("\n", probe - 1) + 1;
  let end = text.indexOf("\n", probe);
  if (end < 0) end = text.length;
  const next = /\n[ \t]*\[/.exec(text.slice(end));
  const nextHeader = next === null ? text.length : end + next.index;
  const isHeader = /^\s*\[/.test(text.slice(start, end));
  if (isHeader) end = nextHeader;
  const blanked = text.slice(start, end).replace(/[^\n]/g, " ");
  return {
    text: text.slice(0, start) + blanked + text.slice(end),
    // A lost header may have been any table; a lost line belongs to the one around it.
    gap: isHeader
      ? { start: 0, end: text.length }
      : { start: Math.max(0, ...headersBefore(text, start)), end: nextHeader },
  };
}

function headersBefore(text: string, offset: number): number[] {
  return [...text.slice(0, offset).matchAll(/^[ \t]*\[/gm)].map((match) => match.index);
}

function lastInk(text: string, offset: number): number {
  let at = Math.min(offset, text.length) - 1;
  while (at > 0 && /\s/.test(text[at] as string)) at--;
  return Math.max(at, 0);
}
