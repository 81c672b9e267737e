// Run by the tests in a process of its own: bun stress.ts KIND ENTRY COUNT. Calls guests that must be stopped or that
// take all the memory they get, asks a server meanwhile, and prints what is left behind.
import { readdirSync, readFileSync } from "node:fs";
import { SandboxError, WasmSandbox } from "sluice/sandbox";
import type { ExecutorKind } from "sluice/sandbox";
import { wat } from "../guests/wat.ts";

const [kind, entry, count] = process.argv.slice(2) as [ExecutorKind, string, string];

const GUEST = wat(`(module
  (memory 1)
  (func (export "spin") (loop br 0))
  (func (export "deep") (result i32) (i32.add (call 1) (i32.const 1)))
  (func (export "fine"))
  (func (export "bomb") (local $at i32)
    (drop (memory.grow (i32.const 511)))
    (loop
      (i32.store (local.get $at) (i32.const 1))
      (local.set $at (i32.add (local.get $at) (i32.const 4096)))
      (br_if 0 (i32.lt_u (local.get $at) (i32.const 33554432))))
    (drop (memory.grow (i32.const 511)))
    unreachable))`);

interface Left {
  /** Threads that were started for JavaScript. */
  threads: number;
  descriptors: number;
  children: number;
  rssMiB: number;
}

function left(): Left {
  const threads = readdirSync("/proc/self/task").filter((task) => {
    try {
      return readFileSync(`/proc/self/task/${task}/comm`, "utf8").trim() === "Worker";
    } catch {
      return false;
    }
  });
  return {
    threads: threads.length,
    descriptors: readdirSync("/proc/self/fd").length,
    children: readFileSync(`/proc/self/task/${process.pid}/children`, "utf8")
      .split(" ")
      .filter(Boolean).length,
    rssMiB: process.memoryUsage.rss() / 2 ** 20,
  };
}

// As little as it takes for many to end in a few seconds.
const spinMs = kind === "process" ? 5 : 1;
const cpuMs = entry === "spin" ? spinMs : kind === "inline" ? 10 : 2_000;
const build = (): Promise<WasmSandbox> =>
  WasmSandbox.builder().source(GUEST).executor(kind).cpuTimeout(cpuMs).memoryLimit("32MiB").build();

let answers = 0;
const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("here") });

// Once, so that what the runtime keeps for good is there.
const first = await build();
await first.call(entry).catch(() => {});
await first.dispose();
await (await fetch(server.url)).text();
Bun.gc(true);
await Bun.sleep(200);
const before = left();

let done = false;
const asking = (async () => {
  while (!done) {
    const answer = await fetch(server.url);
    if ((await answer.text()) === "here") answers++;
    await Bun.sleep(1);
  }
})();

const outcomes: Record<string, number> = {};
const sandbox = await build();
for (let i = 0; i < Number(count); i++) {
  const outcome = await sandbox.call(entry).then(
    () => "answer",
    (error: unknown) => (error instanceof SandboxError ? error.name : String(error)),
  );
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
}
// A busy machine may take the little time that inline has: asked again then.
let works = false;
for (let i = 0; i < 20 && !works; i++)
  works = await sandbox.call("fine").then(
    () => true,
    () => false,
  );
done = true;
await asking;
await sandbox.dispose();

let after = left();
const isBack = (): boolean =>
  after.threads <= before.threads &&
  after.descriptors <= before.descriptors &&
  after.children <= before.children &&
  after.rssMiB < before.rssMiB + 32;
for (let i = 0; i < 50 && !isBack(); i++) {
  Bun.gc(true);
  await Bun.sleep(100);
  after = left();
}
console.log(JSON.stringify({ before, after, outcomes, works, answers }));
process.exit(0);
