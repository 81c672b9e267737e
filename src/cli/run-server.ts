import { compile } from "../gateway/compile.ts";
import type { Server } from "../server/serve.ts";
import { serve } from "../server/serve.ts";
import { banner } from "./banner.ts";
import type { CheckedConfig } from "./load-or-report.ts";
import type { Shell } from "./shell.ts";
import { startProblem } from "./start-problem.ts";

export interface RunOptions {
  readonly loaded: CheckedConfig;
  /** The configuration file, absolute, if there is one. */
  readonly file: string | undefined;
  readonly shell: Shell;
}

/** Serves a configuration until the process is told to stop. @returns the exit code */
export async function runServer({ loaded, file, shell }: RunOptions): Promise<number> {
  const { config } = loaded;
  const { app, settings } = compile(config);
  let server: Server;
  try {
    server = await serve(app, settings);
  } catch (error) {
    // It may be the redirecting listener's port.
    const port = (error as { port?: unknown }).port;
    const wanted = typeof port === "number" ? port : config.server.port;
    const problem = startProblem(error, config.server.host, wanted);
    if (problem === undefined) throw error;
    shell.err(`error: ${problem.message}\n  = help: ${problem.help}\n`);
    return 1;
  }
  const startMs = Math.round(performance.now());
  shell.out(banner({ addresses: server.addresses, config, file, startMs }, shell));
  return untilStopped(server);
}

/** The first signal lets open requests finish, a second one ends at once. */
function untilStopped(server: Server): Promise<number> {
  return new Promise((resolve) => {
    let asked = false;
    const stop = () => {
      const done = asked ? server.close() : server.drain();
      asked = true;
      void done.then(() => resolve(0));
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
  });
}
