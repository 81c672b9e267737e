import type { Config } from "../config/schema/config.ts";
import type { Observer } from "../server/engine.ts";
import { logObserver } from "../server/log-observer.ts";
import type { AccessLog, AccessLogOptions } from "../telemetry/access-log.ts";
import { createAccessLog } from "../telemetry/access-log.ts";
import type { ErrorLog } from "../telemetry/error-log.ts";
import { createErrorLog } from "../telemetry/error-log.ts";
import type { RotateOptions } from "../telemetry/log/log-file.ts";
import type { UpstreamObserver } from "../upstream/upstream-observer.ts";
import type { LogLine } from "../sandbox/guest/guest-host.ts";
import { FaultLines } from "./fault-lines.ts";
import type { StreamObserver } from "./streams.ts";
import { upstreamLog } from "./upstream-log.ts";

type LogConfig = Config["log"];

interface OpenLogs {
  readonly access: AccessLog | undefined;
  readonly errors: ErrorLog;
  readonly observer: Observer;
}

/** The logs of a process, through all reloads. */
export class Logs {
  /**
   * Logs that were once asked for stay open: an open request may still end in them, and a reload that fails
   * later goes on with them.
   */
  readonly #open = new Map<string, OpenLogs>();
  /** The error log that was last asked for: of what belongs to no request and lives through reloads. */
  #errors: ErrorLog | undefined;
  readonly #faults = new FaultLines();
  /** What writes faults of backends and changes of their state. */
  readonly upstreamObserver: UpstreamObserver = upstreamLog(() => this.#errors, this.#faults);

  /** What writes what went wrong in TCP and UDP proxies. */
  streamObserver(config: LogConfig): StreamObserver {
    this.observer(config);
    const { errors } = this.#open.get(JSON.stringify(config)) as OpenLogs;
    return {
      fault: (proxy, { message, ...facts }) => errors.warn(`${proxy}: ${message}`, facts),
      health(proxy, { name, illness }) {
        const facts = { proxy, backend: name, state: illness === undefined ? "up" : "unhealthy" };
        if (illness === undefined) errors.info(`${proxy}: ${name} is up again`, facts);
        else errors.warn(`${proxy}: ${name} is unhealthy: ${illness}`, facts);
      },
    };
  }

  /** What writes a server's requests and errors as `[log]` says. A reload that leaves it alone shares the files. */
  observer(config: LogConfig): Observer {
    const key = JSON.stringify(config);
    let logs = this.#open.get(key);
    if (logs === undefined) {
      logs = openLogs(config);
      this.#open.set(key, logs);
    }
    this.#errors = logs.errors;
    return logs.observer;
  }

  /** Writes what a guest logs. */
  guest(name: string, { level, text }: LogLine): void {
    this.#errors?.[level === "trace" ? "debug" : level](text, { guest: name });
  }

  /** Writes an error that no request stands for, into every error log. */
  error(message: string, error: unknown): void {
    const shown = error instanceof Error ? error : String(error);
    for (const { errors } of this.#open.values()) errors.error(message, { error: shown });
  }

  /** Opens the files anew, after logrotate has moved them. */
  reopen(): void {
    for (const { access, errors } of this.#open.values()) {
      access?.reopen();
      errors.reopen();
    }
  }

  /** Writes what is left, for a bounded time. */
  async close(): Promise<void> {
    const logs = [...this.#open.values()];
    this.#open.clear();
    this.#faults.close();
    this.#errors = undefined;
    // First the access logs: what they have lost is told in the error log.
    await Promise.all(logs.map(({ access }) => access?.close()));
    await Promise.all(logs.map(({ errors }) => errors.close()));
  }
}

function openLogs(config: LogConfig): OpenLogs {
  const rotate: RotateOptions = {
    maxBytes: config.rotate_bytes,
    interval: config.rotate_secs,
    keep: config.rotate_keep,
  };
  const toStderr = config.error === "stderr";
  const errors = createErrorLog({
    level: config.level,
    output: config.error,
    format: toStderr && process.stderr.isTTY ? "pretty" : "json",
    rotate,
  });
  const access =
    config.access === "off"
      ? undefined
      : createAccessLog({
          format: accessFormat(config),
          output: config.access,
          rotate,
          report: (message) => errors.warn(message),
        });
  return { access, errors, observer: logObserver(access, errors) };
}

function accessFormat({ format, access }: LogConfig): AccessLogOptions["format"] {
  if (format !== "auto") return format;
  return access === "stdout" && process.stdout.isTTY ? "pretty" : "combined";
}
