import { writeSync } from "node:fs";
import { inColor, openTarget } from "./access-log.ts";
import { escapeControls, escapeJson } from "./log/escape.ts";
import type { LineWriterOptions } from "./log/line-writer.ts";
import { LineWriter } from "./log/line-writer.ts";
import type { RotateOptions } from "./log/log-file.ts";
import type { LogTarget } from "./log/log-target.ts";
import { clockTimestamp, isoTimestamp } from "./log/timestamp.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface ErrorLogOptions {
  /** The least severe messages that are written. */
  readonly level: LogLevel;
  /** `stderr`, `stdout`, the path of a file, or a target of one's own. */
  readonly output: string | LogTarget;
  /** `json` has one object a line; `pretty` is for people and shows stacks. */
  readonly format: "json" | "pretty";
  readonly rotate?: RotateOptions | undefined;
  /** Of `pretty`; by default when the output is a terminal and NO_COLOR is not set. */
  readonly color?: boolean | undefined;
  /** Told when the error log itself cannot be written; standard error unless given. */
  readonly report?: (message: string) => void;
  readonly writer?: Omit<LineWriterOptions, "report">;
}

/** What a message carries besides its text; an `error` is shown with its stack. */
export type LogFields = Readonly<Record<string, unknown>>;

/** What went wrong or is worth knowing. Writing never blocks, waits or throws. */
export interface ErrorLog {
  readonly level: LogLevel;
  log(level: LogLevel, message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  reopen(): void;
  flush(): Promise<void>;
  close(): Promise<void>;
}

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

export function createErrorLog(options: ErrorLogOptions): ErrorLog {
  const target = openTarget(options.output, options.rotate);
  const report = options.report ?? toStandardError;
  const writer = new LineWriter(target, {
    ...options.writer,
    report: (message) => report(`error log: ${message}`),
  });
  const least = LEVELS.indexOf(options.level);
  const format =
    options.format === "json" ? jsonLine : prettyLine(options.color ?? inColor(target));
  const log = (level: LogLevel, message: string, fields: LogFields = {}) => {
    if (LEVELS.indexOf(level) >= least) writer.write(format(level, message, fields));
  };
  writer.reopen();
  return {
    level: options.level,
    log,
    debug: (message, fields) => log("debug", message, fields),
    info: (message, fields) => log("info", message, fields),
    warn: (message, fields) => log("warn", message, fields),
    error: (message, fields) => log("error", message, fields),
    reopen: () => writer.reopen(),
    flush: () => writer.flush(),
    close: () => writer.close(),
  };
}

function toStandardError(message: string): void {
  try {
    writeSync(2, `${escapeControls(message)}\n`);
  } catch {
    // Nowhere is left to tell it.
  }
}

type LineFormat = (level: LogLevel, message: string, fields: LogFields) => string;

const jsonLine: LineFormat = (level, message, fields) => {
  let line = `{"ts":"${isoTimestamp(Date.now())}","level":"${level}","message":"${escapeJson(message)}"`;
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const text = typeof value === "number" && Number.isFinite(value) ? `${value}` : undefined;
    line += `,"${escapeJson(name)}":${text ?? `"${escapeJson(show(value))}"`}`;
  }
  return `${line}}\n`;
};

const COLORS: Record<LogLevel, string> = {
  debug: "\x1b[2m",
  info: "\x1b[36m",
  warn: "\x1b[33m",
  error: "\x1b[31m",
};

function prettyLine(color: boolean): LineFormat {
  return (level, message, fields) => {
    const label = level.padEnd(5);
    let line = `${clockTimestamp(Date.now())} ${color ? `${COLORS[level]}${label}\x1b[0m` : label} `;
    line += escapeControls(message);
    let stack = "";
    for (const [name, value] of Object.entries(fields)) {
      if (value === undefined) continue;
      // A stack has lines of its own; they are indented, so none can pass for a message.
      if (value instanceof Error) stack += show(value).split("\n").map(indent).join("");
      else line += ` ${name}=${escapeControls(show(value))}`;
    }
    return `${line}\n${stack}`;
  };
}

const indent = (line: string) => `    ${escapeControls(line.trim())}\n`;

/** A value as text. Values come from handlers, so even their `toString` may throw. */
function show(value: unknown): string {
  try {
    if (value instanceof Error) {
      const stack = value.stack ?? "";
      return stack.includes(value.message) ? stack : `${value.name}: ${value.message}\n${stack}`;
    }
    return typeof value === "object" ? (JSON.stringify(value) ?? "") : String(value);
  } catch {
    return "a value that cannot be shown";
  }
}
