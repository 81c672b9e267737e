import { WasmSandbox } from "../../src/sandbox/index.ts";
import type { ExecutorKind } from "../../src/sandbox/index.ts";
import { echoGuest } from "./guest.ts";
import { quantile } from "./quantile.ts";

export interface KillFigures {
  readonly what: string;
  readonly kills: number;
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
  /** Median of what all threads of this process had of the processors beyond the limit; null where the guest is in another. */
  readonly cpu: number | null;
}

const LIMIT_MS = 10;

/**
 * How late endless guests are stopped, in milliseconds: from when they begin until the caller knows, without the time
 * they had. On a busy machine that is mostly waiting for a processor, which takes none of a guest's time: what of the
 * processors was used beyond the limit is told beside it. A call before each sees to it that there is an instance, or a process.
 */
export async function measureKills(kind: ExecutorKind, kills: number): Promise<KillFigures> {
  const sandbox = await WasmSandbox.builder()
    .source(await echoGuest())
    .executor(kind)
    .cpuTimeout(LIMIT_MS)
    .callTimeout("60s")
    .build();
  const late: number[] = [];
  const beyond: number[] = [];
  while (late.length < kills) {
    // A process that has just begun may need longer than a call has; then it is another one's turn.
    while ((await sandbox.call("echo", "x").catch(() => "")) !== "x");
    const before = process.cpuUsage();
    const begun = performance.now();
    const error: unknown = await sandbox.call("spin").catch((thrown: unknown) => thrown);
    if ((error as { bound?: string }).bound !== "cpuTimeout") throw error;
    late.push(performance.now() - begun - LIMIT_MS);
    const { user, system } = process.cpuUsage(before);
    beyond.push((user + system) / 1000 - LIMIT_MS);
  }
  await sandbox.dispose();
  const [p50, p99, worst] = [quantile(late, 0.5), quantile(late, 0.99), Math.max(...late)];
  const cpu = kind === "process" ? null : quantile(beyond, 0.5);
  return { what: kind, kills, p50, p99, worst, cpu };
}
