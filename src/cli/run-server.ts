import type { LoadRequest } from "../config/load.ts";
import { loadConfig } from "../config/load.ts";
import { renderDiagnostics } from "../config/render.ts";
import { PrivilegeError } from "../server/lifecycle/privileges.ts";
import { createReloader } from "../server/lifecycle/reloader.ts";
import type { ReloadOutcome } from "../server/lifecycle/reloader.ts";
import type { Steered } from "../server/lifecycle/run-until-stopped.ts";
import { runUntilStopped } from "../server/lifecycle/run-until-stopped.ts";
import { Sockets } from "../server/lifecycle/sockets.ts";
import { activatedSockets, createNotifier } from "../server/lifecycle/systemd.ts";
import { AppModuleError } from "../gateway/actions/app.ts";
import { watchFiles } from "../runtime/watch-files.ts";
import { ownCommand } from "../server/workers/own-command.ts";
import type { GroupPlan } from "../server/workers/supervisor.ts";
import { Supervisor } from "../server/workers/supervisor.ts";
import { Metrics } from "../telemetry/metrics/registry.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { Readiness } from "../telemetry/health/readiness.ts";
import { banner } from "./banner.ts";
import { countReloads } from "./count-reloads.ts";
import { lifecycleReport } from "./lifecycle-report.ts";
import type { CheckedConfig } from "./load-or-report.ts";
import { portableConfig } from "./portable-config.ts";
import type { ServerHost } from "./server-host.ts";
import type { Shell } from "./shell.ts";
import { SingleProcess } from "./single-process.ts";
import { startProblem } from "./start-problem.ts";
import { certificateFiles, createWorkload } from "./workload.ts";

export interface RunOptions {
  /** What was loaded, to load it again. */
  readonly request: LoadRequest;
  readonly loaded: CheckedConfig;
  /** The configuration file, absolute, if there is one. */
  readonly file: string | undefined;
  readonly shell: Shell;
  /** Reload whenever a file of the configuration changes. */
  readonly watch: boolean;
}

/** Serves a configuration until the process is told to stop. @returns the exit code */
export async function runServer(options: RunOptions): Promise<number> {
  const { request, file, shell } = options;
  /** Of the group as a whole, which no worker knows. */
  const lifecycle = new Metrics();
  const report = countReloads(lifecycle, lifecycleReport(shell));
  const notifier = createNotifier(shell.env, process.pid);
  let supervisor: Supervisor | undefined;
  let steered: Steered | undefined;
  const reload = async (): Promise<ReloadOutcome> =>
    steered?.reload("admin listener") ?? { ok: false, problem: "the server is starting" };
  const readiness = new Readiness(() => supervisor?.shareReadiness());
  readiness.block("starting", "the server is starting");
  const workload = createWorkload();
  const sockets = new Sockets({ activated: activatedSockets(shell.env, process.pid) });
  const own = new Metrics();
  const metrics = { own, gather: async () => [...own.snapshot(), ...lifecycle.snapshot()] };
  const context = { readiness, store: new MemoryStore(), metrics, reload };

  let loaded = options.loaded;
  const build = async (): Promise<GroupPlan> => {
    const plan = await workload.build(loaded.config, context);
    const source = portableConfig(loaded.config, plan.servers[0]?.settings ?? {});
    return { plan, source };
  };
  let current: GroupPlan;
  try {
    current = await build();
  } catch (error) {
    if (!(error instanceof AppModuleError)) throw error;
    shell.err(`error: ${error.message}\n`);
    return 1;
  }
  if (current.plan.workers > 1) {
    supervisor = new Supervisor({
      sockets,
      readiness,
      report,
      command: ownCommand(),
      metrics: lifecycle,
      reload,
    });
  }
  const host: ServerHost = supervisor ?? new SingleProcess(sockets, workload);
  try {
    await host.apply(current);
  } catch (error) {
    await host.close();
    notifier.stop();
    return startFailed(error, options);
  }
  readiness.clear("starting");
  const startMs = Math.round(performance.now());

  const reloader = createReloader({
    report,
    async build() {
      const next = loadConfig(request);
      const { config } = next;
      if (config === undefined) throw new Error(renderDiagnostics(next.diagnostics).trimEnd());
      const before = loaded;
      try {
        loaded = { ...next, config };
        return await build();
      } catch (error) {
        loaded = before;
        throw error;
      }
    },
    async apply(next) {
      await host.apply(next);
      current = next;
    },
  });
  const watched = () => [...loaded.files, ...certificateFiles(loaded.config)];
  const watch = options.watch
    ? watchFiles({
        files: watched(),
        changed: () => void reloader.reload("changed file").then(() => watch?.replace(watched())),
      })
    : undefined;
  try {
    steered = runUntilStopped({
      target: host,
      reloader,
      readiness,
      notifier,
      report,
      status: `serving ${host.addresses.map(({ url }) => url).join(" ")}`,
      drainDelayMs: () => current.plan.drainDelayMs,
      reloaded: () => watch?.replace(watched()),
      reopenLogs: () => host.reopenLogs(),
    });
    // Only now, when signals are listened to: whoever reads this may send one at once.
    shell.out(banner({ addresses: host.addresses, config: loaded.config, file, startMs }, shell));
    for (const message of host.warnings) report({ level: "warn", event: "degraded", message });
    return await steered.stopped;
  } finally {
    watch?.stop();
    await workload.close();
  }
}

/** @returns the exit code. @throws what is no such problem */
function startFailed(error: unknown, { loaded, shell }: RunOptions): number {
  if (error instanceof PrivilegeError) {
    shell.err(`error: ${error.message}\n`);
    return 1;
  }
  const { host, port } = loaded.config.server;
  // It may be another listener's.
  const wanted = error as { port?: unknown; host?: unknown };
  const problem = startProblem(
    error,
    typeof wanted.host === "string" ? wanted.host : host,
    typeof wanted.port === "number" ? wanted.port : port,
  );
  if (problem === undefined) throw error;
  shell.err(`error: ${problem.message}\n  = help: ${problem.help}\n`);
  return 1;
}
