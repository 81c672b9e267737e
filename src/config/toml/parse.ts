import type { TomlTable } from "smol-toml";
import { parse, TomlError } from "smol-toml";
import type { Diagnostic } from "../diagnostic.ts";
import type { SourceFile } from "../source-file.ts";
import { MAX_DEPTH, MAX_VALUES, tooDeep, tooMany } from "./size.ts";
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
/** Each error makes the whole text be read once more: a large file gets fewer. */
const MOST_REREAD = 8 * 1024 * 1024;

/**
 * Parses TOML and goes on after a syntax error: the line it is on is blanked out, so that offsets stay, and
 * the rest is read again. So one run reports every mistake of a file.
 */
export function parseToml(file: SourceFile): ParsedToml {
  const diagnostics: Diagnostic[] = [];
  const gaps: { start: number; end: number }[] = [];
  let text = file.text;
  let reread = 0;
  while (diagnostics.length < MOST_SYNTAX_ERRORS && reread <= MOST_REREAD) {
    reread += text.length;
    try {
      const value = parse(text, { maxDepth: MAX_DEPTH });
      const statements = scanToml(text);
      const deep = tooDeep(statements);
      if (deep !== undefined)
        diagnostics.push(tooLarge(`${MAX_DEPTH} tables and lists deep`, { file, ...deep }));
      else if (tooMany(statements)) diagnostics.push(tooLarge(`${MAX_VALUES} values`, file));
      else return { value, statements, gaps, diagnostics };
      break;
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

function tooLarge(limit: string, at: Diagnostic["at"]): Diagnostic {
  return { severity: "error", message: `this is more than ${limit}`, help: undefined, at };
}

function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let i = 1; i < line; i++) start = text.indexOf("\n", start) + 1;
  return Math.min(start + column - 1, text.length);
}

function syntaxError(file: SourceFile, offset: number, error: TomlError): Diagnostic {
  // An error at the very end is shown behind the last character.
  const at =
    offset > 0 && offset >= file.text.length && file.text.endsWith("\n") ? offset - 1 : offset;
  return {
    severity: "error",
    message: `invalid TOML: ${reasonOf(error, file.text, at)}`,
    help: syntaxHelp(file, at),
    at: { file, start: at, end: at + tokenLength(file.text, at) },
  };
}

/** The parser's reasons in words that say what to look for. */
function reasonOf(error: TomlError, text: string, at: number): string {
  // The message's first line is the reason; a picture of the code follows it.
  const reason = (error.message.split("\n")[0] as string).replace(/^Invalid TOML document: /, "");
  const atLineEnd = text[at] === "\n" || text[at] === "\r" || at >= text.length;
  if (atLineEnd && reason.includes("control characters"))
    return "the text is not closed: a quote is missing";
  if (atLineEnd && reason === "illegal character in key") return 'a "]" or "=" is missing';
  if (reason.startsWith("trying to redefine")) return "this key or table is there already";
  if (reason.includes("must be followed by an end-of-line"))
    return "the line should end behind the value";
  if (reason.includes("excessively nested"))
    return `lists and inline tables are more than ${MAX_DEPTH} deep`;
  if (reason.includes("unicode escape")) return "no such escape in a text";
  return reason;
}

function tokenLength(text: string, at: number): number {
  return Math.max(1, /^[^\s,\]}#]*/.exec(text.slice(at, at + 80))?.[0].length ?? 1);
}

const LINE_BEGINNING = 500;

/** What people from other formats write. */
function syntaxHelp(file: SourceFile, offset: number): string | undefined {
  // What a line is about shows in its beginning, however long it is.
  const text = file.lineAround(offset).text.slice(0, LINE_BEGINNING).trim();
  if (/^[\w-]+\s*:/.test(text)) return 'help: TOML separates key and value by "=", not ":"';
  if (/=\s*(yes|no|on|off|True|False)\b/.test(text)) return "help: write true or false";
  if (/^[\w.-]+\s*=\s*[A-Za-z./][^"'[{]*$/.test(text))
    return 'help: text needs quotes, as in key = "text"';
  if (/^[\w.-]+\s*=\s*$/.test(text)) return "help: the value is missing";
  if (/"[^"]*\\[^"\\bfnrteux]|"[^"]*\\[uUx]/.test(text)) {
    return 'help: "\\" begins an escape: write "\\\\", or put the text in single quotes';
  }
  const open = openStructure(file.text, offset);
  if (open !== undefined) {
    return `help: what begins at line ${file.lineAt(open)} is not closed`;
  }
  if (/"\s+\/\/|^[\w.-]+\s*=.*\s\/\//.test(text)) return 'help: comments begin with "#"';
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
  const open = openStructure(text, probe);
  const start = open ?? text.lastIndexOf("\n", probe - 1) + 1;
  let end = open === undefined ? text.indexOf("\n", probe) : text.lastIndexOf("\n", probe - 1);
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
      : { start: headerBefore(text, start), end: nextHeader },
  };
}

/** Where a list or inline table begins that should have been closed before `offset`, a header or another key. */
function openStructure(text: string, offset: number): number | undefined {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  const line = text.slice(lineStart, text.indexOf("\n", lineStart) + 1 || undefined);
  if (!/^\s*(?:\[+[\w".-]+\]|[\w".-]+\s*=)/.test(line)) return undefined;
  let before: RegExpExecArray | undefined;
  for (const match of text.slice(0, lineStart).matchAll(/^[ \t]*[\w".-]+[ \t]*=[ \t]*([[{])/gm))
    before = match;
  if (before === undefined) return undefined;
  const closing = before[1] === "[" ? /\][ \t]*(?:#.*)?$/m : /\}[ \t]*(?:#.*)?$/m;
  return closing.test(text.slice(before.index, lineStart)) ? undefined : before.index;
}

/** Where the last table header before `offset` begins, or 0. */
function headerBefore(text: string, offset: number): number {
  for (let end = offset; end > 0;) {
    const start = text.lastIndexOf("\n", end - 1) + 1;
    if (/^[ \t]*\[/.test(text.slice(start, end))) return start;
    end = start - 1;
  }
  return 0;
}

function lastInk(text: string, offset: number): number {
  let at = Math.min(offset, text.length) - 1;
  while (at > 0 && /\s/.test(text[at] as string)) at--;
  return Math.max(at, 0);
}
