import type { Readiness } from "../../telemetry/health/readiness.ts";
import type { Report } from "./event.ts";
import { messageOf } from "./event.ts";
import type { Reloader, ReloadOutcome } from "./reloader.ts";
import type { Notifier } from "./systemd.ts";

/** What signals steer: one process with its servers, or a supervisor with its workers. */
export interface Stoppable {
  /** Stops accepting and lets open requests finish within their deadline. */
  drain(): Promise<void>;
  /** Breaks everything off. */
  close(): Promise<void>;
  /** Replaces every worker by a new one without losing a request. */
  restart?(): Promise<void>;
}

export interface RunOptions {
  readonly target: Stoppable;
  readonly reloader: Reloader;
  readonly readiness: Readiness;
  readonly notifier: Notifier;
  readonly report: Report;
  /** What `systemctl status` shows. */
  readonly status: string;
  /** Milliseconds between not being ready and the end of accepting; asked when it happens. */
  drainDelayMs(): number;
  /** After each reload that changed something. */
  reloaded(): void;
  /** SIGUSR1: log files were moved away. */
  reopenLogs(): void;
}

/** A process that does what signals ask. */
export interface Steered {
  /** The exit code: 0, or 130 or 143 when a second signal broke requests off. */
  readonly stopped: Promise<number>;
  /** What SIGHUP does. @param cause for the report */
  reload(cause: string): Promise<ReloadOutcome>;
}

/** Exit codes of a process that a signal ended. */
const SIGNAL_EXIT = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Does what signals ask until one asks for the end: SIGTERM and SIGINT let open requests finish, a second one
 * ends at once; SIGHUP reloads, SIGUSR1 reopens logs, SIGUSR2 restarts the workers.
 */
export function runUntilStopped(options: RunOptions): Steered {
  const { target, reloader, readiness, notifier, report } = options;
  const handlers = new Map<NodeJS.Signals, () => void>();
  notifier.ready(options.status);
  let stopping = false;
  const reload = async (cause: string): Promise<ReloadOutcome> => {
    if (stopping) return { ok: false, problem: "the server is going down" };
    notifier.reloading();
    const outcome = await reloader.reload(cause);
    // Whoever stops has told systemd so.
    if (!stopping) {
      if (outcome.ok) options.reloaded();
      notifier.ready(options.status);
    }
    return outcome;
  };
  const stopped = new Promise<number>((resolve) => {
    const finish = (code: number): void => {
      notifier.stop();
      for (const [signal, handler] of handlers) process.off(signal, handler);
      resolve(code);
    };
    const stop = (signal: "SIGINT" | "SIGTERM"): void => {
      if (stopping) {
        report({
          level: "warn",
          event: "stopped_at_once",
          message: `second ${signal}: ended at once`,
        });
        void target.close().finally(() => finish(SIGNAL_EXIT[signal]));
        return;
      }
      stopping = true;
      readiness.block("draining", "the server is going down");
      notifier.stopping();
      report({ level: "info", event: "draining", message: `${signal}: finishing open requests` });
      void Bun.sleep(options.drainDelayMs())
        .then(() => target.drain())
        .then(
          () => finish(0),
          (error) => {
            report({ level: "error", event: "drain_failed", message: messageOf(error) });
            finish(1);
          },
        );
    };
    const restart = async (): Promise<void> => {
      if (stopping) return;
      if (target.restart === undefined) {
        const message = "SIGUSR2: there are no workers to restart; set server.workers to 2 or more";
        report({ level: "warn", event: "nothing_to_restart", message });
        return;
      }
      try {
        await target.restart();
        report({ level: "info", event: "restarted", message: "every worker was replaced" });
      } catch (error) {
        const message = `restart failed, the workers before go on:\n${messageOf(error)}`;
        report({ level: "error", event: "restart_failed", message });
      }
    };
    handlers.set("SIGINT", () => stop("SIGINT"));
    handlers.set("SIGTERM", () => stop("SIGTERM"));
    handlers.set("SIGHUP", () => void reload("SIGHUP"));
    handlers.set("SIGUSR1", options.reopenLogs);
    handlers.set("SIGUSR2", () => void restart());
    for (const [signal, handler] of handlers) process.on(signal, handler);
  });
  return { stopped, reload };
}
