import { isatty } from "node:tty";
import type { Exchange } from "../core/exchange.ts";
import type { AccessFormat, AccessOutcome } from "./log/access-record.ts";
import { emptyRecord, fillRecord } from "./log/access-record.ts";
import { formatCombined } from "./log/format-combined.ts";
import { formatJson } from "./log/format-json.ts";
import { formatPretty } from "./log/format-pretty.ts";
import type { LineWriterOptions } from "./log/line-writer.ts";
import { LineWriter } from "./log/line-writer.ts";
import type { RotateOptions } from "./log/log-file.ts";
import { LogFile } from "./log/log-file.ts";
import type { LogTarget } from "./log/log-target.ts";
import { standardTarget } from "./log/log-target.ts";

export interface AccessLogOptions {
  readonly format: "combined" | "json" | "pretty";
  /** `stdout`, `stderr`, the path of a file, or a target of one's own. */
  readonly output: string | LogTarget;
  /** Only for files. */
  readonly rotate?: RotateOptions | undefined;
  /** Of `pretty`; by default when the output is a terminal and NO_COLOR is not set. */
  readonly color?: boolean | undefined;
  /** Told of troubles with the output, once each. */
  readonly report: (message: string) => void;
  readonly writer?: Omit<LineWriterOptions, "report">;
}

/** A line for every request. Writing one never blocks, waits or throws. */
export interface AccessLog {
  /** An exchange has ended. */
  record(exchange: Exchange, outcome: AccessOutcome): void;
  /** A request was refused before it could be understood. */
  refused(remoteAddress: string, status: number, code: string): void;
  /** Opens the file anew, after logrotate has moved it. */
  reopen(): void;
  /** Resolves when every line so far was written or lost. */
  flush(): Promise<void>;
  close(): Promise<void>;
  /** Lines lost because the output failed or was too slow. */
  readonly dropped: number;
}

/**
 * Opens an access log. An output that cannot be written is reported and tried again; it never keeps a server
 * from serving.
 */
export function createAccessLog(options: AccessLogOptions): AccessLog {
  const target = openTarget(options.output, options.rotate);
  const writer = new LineWriter(target, {
    ...options.writer,
    report: (message) => options.report(`access log: ${message}`),
  });
  const format = formatOf(options, target);
  const record = emptyRecord();
  // Opened at once, so that a path that cannot be written is told at the start and not with the first request.
  writer.reopen();
  return {
    record(exchange, outcome) {
      fillRecord(record, exchange, outcome);
      format(record, writer.begin());
      writer.end();
    },
    refused(remoteAddress, status, code) {
      const line = {
        ...emptyRecord(),
        time: Date.now(),
        remote: remoteAddress,
        status,
        error: code,
      };
      format(line, writer.begin());
      writer.end();
    },
    reopen: () => writer.reopen(),
    flush: () => writer.flush(),
    close: () => writer.close(),
    get dropped() {
      return writer.dropped;
    },
  };
}

/** The target of an `output` setting. */
export function openTarget(output: string | LogTarget, rotate?: RotateOptions): LogTarget {
  if (typeof output !== "string") return output;
  if (output === "stdout" || output === "stderr") return standardTarget(output);
  return new LogFile(output, rotate);
}

/** Whether people read the target, in colour. */
export function inColor(target: LogTarget): boolean {
  const fd = target.name === "stdout" ? 1 : target.name === "stderr" ? 2 : undefined;
  return fd !== undefined && isatty(fd) && !process.env.NO_COLOR;
}

function formatOf(options: AccessLogOptions, target: LogTarget): AccessFormat {
  if (options.format === "json") return formatJson;
  if (options.format === "combined") return formatCombined;
  return formatPretty(options.color ?? inColor(target));
}
