import { join } from "node:path";
import type { Load, LoadOptions } from "./load.ts";
import { runCommand } from "./run-command.ts";

/** Messages that go there and back over so many WebSockets, one under way on each, from a process of its own. */
export async function wsLoad({ url, connections, seconds }: LoadOptions): Promise<Load> {
  const program = join(import.meta.dir, "ws-client.ts");
  const command = [process.execPath, program, url, String(connections), String(seconds)];
  return JSON.parse(await runCommand(command, (seconds + 20) * 1000)) as Load;
}
