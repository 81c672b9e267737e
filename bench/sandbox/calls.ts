import { SandboxPool, WasmSandbox } from "../../src/sandbox/index.ts";
import { quantile } from "./quantile.ts";
import { echoGuest, ONE_KB } from "./guest.ts";

export interface CallFigures {
  readonly what: string;
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
}

/** How long calls with 1 KB of JSON take, parsed again on their way back. Microseconds. */
export async function timeCalls(
  what: string,
  call: () => Promise<unknown>,
  seconds: number,
): Promise<CallFigures> {
  const until = (ms: number): number => performance.now() + ms;
  for (const end = until(seconds * 300); performance.now() < end;) await call();
  const times: number[] = [];
  const begun = performance.now();
  for (const end = until(seconds * 1000); performance.now() < end;) {
    const from = Bun.nanoseconds();
    await call();
    times.push((Bun.nanoseconds() - from) / 1000);
  }
  const perSecond = times.length / ((performance.now() - begun) / 1000);
  return { what, p50: quantile(times, 0.5), p99: quantile(times, 0.99), perSecond };
}

/** Calls a second with so many under way. */
export async function pipelined(
  what: string,
  call: () => Promise<unknown>,
  depth: number,
  seconds: number,
): Promise<CallFigures> {
  let calls = 0;
  const run = async (ms: number): Promise<number> => {
    calls = 0;
    const begun = performance.now();
    const end = begun + ms;
    const lane = async (): Promise<void> => {
      while (performance.now() < end) {
        await call();
        calls++;
      }
    };
    await Promise.all(Array.from({ length: depth }, lane));
    return calls / ((performance.now() - begun) / 1000);
  };
  await run(seconds * 300);
  return { what, p50: Number.NaN, p99: Number.NaN, perSecond: await run(seconds * 1000) };
}

/** All executors. */
export async function measureCalls(seconds: number): Promise<CallFigures[]> {
  const guest = await echoGuest();
  const figures: CallFigures[] = [];
  const build = (kind: "inline" | "worker" | "process") =>
    WasmSandbox.builder().source(guest).executor(kind).build();
  const inline = await build("inline");
  const bytes = new TextEncoder().encode(JSON.stringify(ONE_KB));
  figures.push(await timeCalls("inline", () => inline.call("echo", ONE_KB), seconds));
  figures.push(await timeCalls("inline, bytes", () => inline.call("echo", bytes), seconds));
  await inline.dispose();
  const worker = await build("worker");
  figures.push(await timeCalls("worker", () => worker.call("echo", ONE_KB), seconds));
  figures.push(
    await pipelined("worker, 32 under way", () => worker.call("echo", ONE_KB), 32, seconds),
  );
  figures.push(
    await pipelined("worker, 32 under way, bytes", () => worker.call("echo", bytes), 32, seconds),
  );
  await worker.dispose();
  const pool = await SandboxPool.create(WasmSandbox.builder().source(guest), { size: 2 });
  figures.push(
    await pipelined("pool of 2, 32 under way", () => pool.call("echo", ONE_KB), 32, seconds),
  );
  await pool.dispose();
  const child = await build("process");
  figures.push(await timeCalls("process", () => child.call("echo", ONE_KB), seconds));
  await child.dispose();
  return figures;
}
