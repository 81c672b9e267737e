import { SettingsError } from "../../config/own-settings.ts";

/** What Bun says of a source that it cannot read; those of `Bun.build` and of an import are alike. */
interface BuildMessage {
  readonly message: string;
  readonly position: {
    readonly file: string;
    readonly line: number;
    readonly column: number;
    readonly lineText: string;
  };
}

/** More tell nothing new: the first mistake of a source makes most of the others. */
const SHOWN = 5;
const LISTED = 20;
const LONGEST_LINE = 120;

/**
 * Why a module could not be imported, with the places in its sources: of what is misspelt, of what threw,
 * and of each setting that a schema refused. To be set behind a colon: begins with a space or a new line.
 */
export function whyNotLoaded(error: unknown): string {
  if (!(error instanceof Object)) return ` ${String(error)}`;
  const messages = error instanceof AggregateError ? error.errors : [error];
  const misspelt = messages.filter(isBuildMessage);
  if (misspelt.length > 0) return listed(misspelt.slice(0, SHOWN).map(excerpt), "");
  // Its message has places of its own, in the file of the settings or the environment.
  if (error instanceof SettingsError) return `\n${error.message}`;
  const { issues, stack } = error as { issues?: unknown; stack?: unknown };
  if (Array.isArray(issues) && issues.length > 0) return listed(issues.map(issueLine), "  ");
  const message = "message" in error ? String(error.message) : String(error);
  return ` ${message}` + frames(typeof stack === "string" ? stack : "");
}

function listed(items: readonly string[], indent: string): string {
  const shown = items.slice(0, LISTED).map((item) => `\n${indent}${item}`);
  const more = items.length - shown.length;
  return shown.join("") + (more > 0 ? `\n${indent}and ${more} more` : "");
}

function isBuildMessage(error: unknown): error is BuildMessage {
  const position = (error as Partial<BuildMessage> | undefined)?.position;
  return typeof position?.line === "number" && typeof position.lineText === "string";
}

function excerpt({ message, position }: BuildMessage): string {
  const { file, line, column, lineText } = position;
  const head = `${file}:${line}:${column}: ${message}`;
  // A line of a minified file says nothing, and fills the screen.
  if (lineText.length > LONGEST_LINE) return head;
  const margin = " ".repeat(String(line).length + 1);
  const before = lineText.slice(0, column - 1).replaceAll(/[^\t]/g, " ");
  return `${head}\n ${line} | ${lineText}\n${margin} | ${before}^`;
}

/** An issue of any Standard Schema: settings that are checked at start are the usual case. */
function issueLine(issue: unknown): string {
  const { path, message } = issue as { path?: unknown; message?: unknown };
  const keys: unknown[] = Array.isArray(path) ? path : [];
  // Elements are keys, or objects with one (Standard Schema).
  const name = keys.map((key) => String(key instanceof Object && "key" in key ? key.key : key));
  return name.length === 0 ? String(message) : `${name.join(".")}: ${String(message)}`;
}

/** Where it was thrown, in the sources of the application. */
function frames(stack: string): string {
  const own = stack
    .split("\n")
    .filter(
      (line) =>
        /^\s+at .*[/\\].*:\d+:\d+\)?$/.test(line) && !/[/\\](node_modules|\$bunfs)[/\\]/.test(line),
    );
  return own
    .slice(0, SHOWN)
    .map((line) => `\n  ${line.trim()}`)
    .join("");
}
