import { SandboxPool, SandboxTimeout, WasmSandbox } from "../../src/sandbox/index.ts";
import { median } from "../lib/statistics.ts";
import { echoGuest, ONE_KB } from "./guest.ts";
import { quantile } from "./quantile.ts";

export interface CallFigures {
  readonly what: string;
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
  /** Of the server's thread, in microseconds. */
  readonly cpu: number;
}

/** Calls of one kind. */
export interface CallCase {
  readonly what: string;
  /** Calls under way at a time. */
  readonly depth: number;
  readonly call: () => unknown;
}

/** Each kind has a turn in each round, so that what slows the machine for a while slows all alike. */
const ROUNDS = 7;

/**
 * How long calls take, in microseconds: medians of the rounds. Of several under way only how many there are in a
 * second is told.
 * @param seconds for all rounds of one kind
 */
export async function timeCalls(
  cases: readonly CallCase[],
  seconds: number,
): Promise<CallFigures[]> {
  const rounds = cases.map((): CallFigures[] => []);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [i, one] of cases.entries()) {
      const figures = await timeRound(one, (seconds * 1000) / ROUNDS);
      // The first compiles.
      if (round > 0) rounds[i]?.push(figures);
    }
  }
  return cases.map(({ what }, i) => {
    const of = (pick: (figures: CallFigures) => number): number =>
      median((rounds[i] ?? []).map(pick));
    return {
      what,
      p50: of(({ p50 }) => p50),
      p99: of(({ p99 }) => p99),
      perSecond: of(({ perSecond }) => perSecond),
      cpu: of(({ cpu }) => cpu),
    };
  });
}

async function timeRound({ what, depth, call }: CallCase, ms: number): Promise<CallFigures> {
  const times: number[] = [];
  let calls = 0;
  const cpu = process.threadCpuUsage();
  const begun = performance.now();
  const end = begun + ms;
  const lane = async (): Promise<void> => {
    for (; performance.now() < end; calls++) {
      const from = Bun.nanoseconds();
      try {
        await call();
      } catch (error) {
        // A busy machine may take the little time there is inline.
        if (!(error instanceof SandboxTimeout)) throw error;
      }
      if (depth === 1) times.push((Bun.nanoseconds() - from) / 1000);
    }
  };
  await Promise.all(Array.from({ length: depth }, lane));
  const perSecond = calls / ((performance.now() - begun) / 1000);
  const { user, system } = process.threadCpuUsage(cpu);
  const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)];
  return { what, p50, p99, perSecond, cpu: (user + system) / calls };
}

/** All executors. */
export async function measureCalls(seconds: number): Promise<CallFigures[]> {
  const guest = await echoGuest();
  const build = (kind: "inline" | "worker" | "process", source = guest) =>
    WasmSandbox.builder().source(source).executor(kind).build();
  const writing = await echoGuest(true);
  await using inline = await build("inline");
  await using inlineCopy = await build("inline", writing);
  await using worker = await build("worker");
  await using workerCopy = await build("worker", writing);
  await using child = await build("process");
  await using pool = await SandboxPool.create(WasmSandbox.builder().source(guest), { size: 2 });
  const bytes = new TextEncoder().encode(JSON.stringify(ONE_KB));
  const one = (what: string, call: () => unknown, depth = 1): CallCase => ({ what, call, depth });
  const cases = [
    one("the JSON alone, written and read", () => JSON.parse(JSON.stringify(ONE_KB))),
    one("inline, bytes", () => inline.call("echo", bytes)),
    one("inline, bytes, which the guest keeps", () => inlineCopy.call("copy", bytes)),
    one("inline", () => inline.call("echo", ONE_KB)),
    one("worker, bytes", () => worker.call("echo", bytes)),
    one("worker", () => worker.call("echo", ONE_KB)),
    one("worker, 32 under way, bytes", () => worker.call("echo", bytes), 32),
    one("worker, 32 under way, bytes, kept", () => workerCopy.call("copy", bytes), 32),
    one("worker, 32 under way", () => worker.call("echo", ONE_KB), 32),
    one("pool of 2, 32 under way, bytes", () => pool.call("echo", bytes), 32),
    one("pool of 2, 32 under way", () => pool.call("echo", ONE_KB), 32),
    one("process, bytes", () => child.call("echo", bytes)),
    one("process", () => child.call("echo", ONE_KB)),
  ];
  return await timeCalls(cases, seconds);
}
