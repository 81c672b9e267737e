import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { SandboxTrap, WasmSandbox } from "sluice/sandbox";
import { wat } from "./guests/wat.ts";
import { errorOf } from "./support/error-of.ts";

const GUEST = wat(`(module
  (func (export "spin") (loop br 0))
  (func (export "answer") (result i32) (i32.const 42)))`);
const onLinux = process.platform === "linux";

let sandbox: WasmSandbox;
beforeAll(async () => {
  sandbox = await WasmSandbox.builder()
    .source(GUEST)
    .executor("process")
    .cpuTimeout("30s")
    .callTimeout("60s")
    .build();
});
afterAll(() => sandbox.dispose());

function guestProcess(): number {
  const children = readdirSync("/proc/self/task").flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, "utf8").split(" ").filter(Boolean),
  );
  const pids = [...new Set(children)].map(Number);
  const pid = pids.find((one) =>
    readFileSync(`/proc/${one}/cmdline`, "utf8").includes("guest-process"),
  );
  if (pid === undefined) throw new Error("there is no process of a guest");
  return pid;
}

test.if(onLinux)(
  "a process that is killed from outside ends its call, and the next has another",
  async () => {
    const error = errorOf(sandbox.call("spin"));
    await Bun.sleep(20);
    const pid = guestProcess();
    process.kill(pid, "SIGKILL");
    expect(await error).toBeInstanceOf(SandboxTrap);
    expect(String(await error)).toContain("SIGKILL");
    expect(await sandbox.call("answer")).toBe(42);
    expect(guestProcess()).not.toBe(pid);
  },
  30_000,
);

test.if(onLinux)("a process that has come up is not killed for having been slow", async () => {
  const late = new Map<unknown, () => void>();
  const [set, clear] = [globalThis.setTimeout, globalThis.clearTimeout];
  // Timers of several seconds go off when this test says so.
  globalThis.setTimeout = ((done: () => void, ms?: number) => {
    const timer = set(done, ms);
    if ((ms ?? 0) >= 5_000) late.set(timer, done);
    return timer;
  }) as typeof setTimeout;
  globalThis.clearTimeout = ((timer: ReturnType<typeof setTimeout>) => {
    late.delete(timer);
    clear(timer);
  }) as typeof clearTimeout;
  try {
    await using counter = await WasmSandbox.builder()
      .source(
        wat(`(module (global $n (mut i32) (i32.const 0))
          (func (export "count") (result i32)
            (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))`),
      )
      .executor("process")
      .cpuTimeout("2s")
      .callTimeout("4s")
      .state("keep")
      .build();
    expect(await counter.call("count")).toBe(1);
    for (const done of late.values()) done();
    await Bun.sleep(20);
    expect(await counter.call("count")).toBe(2);
  } finally {
    [globalThis.setTimeout, globalThis.clearTimeout] = [set, clear];
  }
});

test.if(onLinux)(
  "one that is killed between calls is not missed",
  async () => {
    for (let i = 0; i < 3; i++) {
      process.kill(guestProcess(), "SIGKILL");
      await Bun.sleep(50);
      expect(await sandbox.call("answer")).toBe(42);
    }
  },
  30_000,
);

test.if(onLinux)(
  "it has no variables, no folder and no descriptor of ours, and little it may do",
  async () => {
    expect(await sandbox.call("answer")).toBe(42);
    const pid = guestProcess();
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    expect(status).toMatch(/NoNewPrivs:\s*1/);
    const limits = readFileSync(`/proc/${pid}/limits`, "utf8");
    expect(limits).toMatch(/Max file size\s+0\s+0/);
    expect(limits).toMatch(/Max core file size\s+0\s+0/);
    const files = Number(/Max open files\s+(\d+)\s+\1\s/.exec(limits)?.[1]);
    expect(files).toBeLessThan(32);
    // Others than root cannot look at the rest once the user was changed, and then there was root.
    if (process.getuid?.() !== 0) return;
    expect(status).toMatch(/Uid:\s*65534\s+65534\s+65534/);
    expect(readFileSync(`/proc/${pid}/environ`, "utf8").replaceAll("\0", "").trim()).not.toContain(
      "PATH",
    );
    expect(readlinkSync(`/proc/${pid}/cwd`)).toBe("/");
    const own = new Set(readdirSync("/proc/self/fd").map((fd) => linkOf(`/proc/self/fd/${fd}`)));
    const shared = readdirSync(`/proc/${pid}/fd`)
      .map((fd) => linkOf(`/proc/${pid}/fd/${fd}`))
      .filter((link) => link !== "/dev/null" && !link.startsWith("anon_inode:") && own.has(link));
    expect(shared).toEqual([]);
  },
);

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

test("a process that does not keep to its time is killed while a queue waits", async () => {
  const one = await WasmSandbox.builder()
    .source(GUEST)
    .executor("process")
    .cpuTimeout(30)
    .callTimeout("60s")
    .build();
  const outcomes = await Promise.all(
    ["spin", "answer", "spin", "answer"].map((entry) =>
      one.call(entry).catch((error: Error) => error.name),
    ),
  );
  expect(outcomes).toEqual(["SandboxTimeout", 42, "SandboxTimeout", 42]);
  await one.dispose();
}, 30_000);
