import { openSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import type { Start } from "./peers.ts";
import type { Workspace } from "./workspace.ts";

export interface RunningServer {
  readonly pid: number;
  readonly port: number;
  /** Of its root, without a slash at the end. */
  readonly url: string;
  stop(): Promise<void>;
}

/** How long a server may take until it answers. */
const START_MS = 15_000;

/** Starts a server and waits until it answers. @throws when it does not, with what it said */
export async function startServer(
  name: string,
  command: (start: Start) => string[],
  workspace: Workspace,
  tls: boolean,
): Promise<RunningServer> {
  const port = freePort();
  const argv = command({ ...workspace, port, tls });
  const said = join(workspace.temp, `${name}-${port}.out`);
  const output = openSync(said, "w");
  const env = { ...process.env, NODE_ENV: "production" };
  const child = Bun.spawn(argv, { stdin: "ignore", stdout: output, stderr: output, env });
  const url = `${tls ? "https" : "http"}://127.0.0.1:${port}`;
  const stop = async () => {
    child.kill("SIGTERM");
    const kill = setTimeout(() => child.kill("SIGKILL"), 3_000);
    await child.exited;
    clearTimeout(kill);
  };
  const deadline = performance.now() + START_MS;
  while (!(await answers(`${url}/hello`))) {
    if (child.exitCode === null && performance.now() < deadline) {
      await Bun.sleep(20);
      continue;
    }
    await stop();
    throw new Error(`${name} does not answer:\n${(await Bun.file(said).text()).slice(-2000)}`);
  }
  return { pid: child.pid, port, url, stop };
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { tls: { rejectUnauthorized: false }, keepalive: false });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
