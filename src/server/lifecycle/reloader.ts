import type { Report } from "./event.ts";
import { messageOf } from "./event.ts";

export interface ReloaderOptions<P> {
  /** Parses, checks and builds completely. Rejects with a message for people, and changes nothing. */
  build(): P | Promise<P>;
  /** Puts what was built in the place of what runs: all of it or nothing. */
  apply(plan: P): Promise<void>;
  report: Report;
}

/** Told to whoever asked. */
export type ReloadOutcome =
  | { readonly ok: true; readonly ms: number }
  | { readonly ok: false; readonly problem: string };

/** Reloads; never two at a time. */
export interface Reloader {
  /**
   * @param cause such as `SIGHUP`, for the report
   * @returns what became of it; a failure has changed nothing
   */
  reload(cause: string): Promise<ReloadOutcome>;
}

/**
 * Reload as a transaction. Requests that come while one runs share the one after it: it reads what is there
 * then, which is what each of them wanted.
 */
export function createReloader<P>({ build, apply, report }: ReloaderOptions<P>): Reloader {
  let running: Promise<ReloadOutcome> | undefined;
  let next: Promise<ReloadOutcome> | undefined;

  const once = async (cause: string): Promise<ReloadOutcome> => {
    const started = performance.now();
    try {
      await apply(await build());
    } catch (error) {
      const problem = messageOf(error);
      const message = `reload (${cause}) failed, the configuration before goes on:\n${problem}`;
      report({ level: "error", event: "reload_failed", message });
      return { ok: false, problem };
    }
    const ms = Math.round(performance.now() - started);
    report({ level: "info", event: "reloaded", message: `reloaded (${cause}) in ${ms} ms` });
    return { ok: true, ms };
  };

  const start = (cause: string): Promise<ReloadOutcome> => {
    const own = once(cause).finally(() => {
      if (running === own) running = undefined;
    });
    return (running = own);
  };

  return {
    reload(cause) {
      if (running === undefined) return start(cause);
      return (next ??= running.then(() => {
        next = undefined;
        return start(cause);
      }));
    },
  };
}
