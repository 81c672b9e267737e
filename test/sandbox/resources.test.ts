import { expect, test } from "bun:test";
import { join } from "node:path";

interface Report {
  before: Record<"threads" | "descriptors" | "children" | "rssMiB", number>;
  after: Report["before"];
  outcomes: Record<string, number>;
  works: boolean;
  answers: number;
}

/** In a process of its own, so that what is counted is nobody else's. */
async function stress(kind: string, entry: string, count: number): Promise<Report> {
  const script = join(import.meta.dir, "support/stress.ts");
  const child = Bun.spawn([process.execPath, script, kind, entry, String(count)], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const output = await new Response(child.stdout).text();
  expect(await child.exited).toBe(0);
  return JSON.parse(output) as Report;
}

function expectNothingLeft({ before, after }: Report): void {
  expect(after.threads).toBeLessThanOrEqual(before.threads);
  expect(after.descriptors).toBeLessThanOrEqual(before.descriptors);
  expect(after.children).toBe(0);
  expect(after.rssMiB).toBeLessThan(before.rssMiB + 32);
}

const TIMEOUT = 60_000;

test.each([
  ["inline", 1_000],
  ["worker", 1_000],
  // Each is a process that is started anew.
  ["process", 50],
] as const)(
  "%s: endless guests end, the server answers, nothing is left",
  async (kind, count) => {
    const report = await stress(kind, "spin", count);
    expect(report.outcomes).toEqual({ SandboxTimeout: count });
    expect(report.works).toBe(true);
    expect(report.answers).toBeGreaterThan(0);
    expectNothingLeft(report);
  },
  TIMEOUT,
);

test.each([
  ["inline", 20],
  ["worker", 30],
  ["process", 20],
] as const)(
  "%s: guests that take all memory end, and it comes back",
  async (kind, count) => {
    const report = await stress(kind, "bomb", count);
    const { SandboxMemoryLimit = 0, SandboxTimeout = 0, ...others } = report.outcomes;
    expect(others).toEqual({});
    expect(SandboxMemoryLimit + SandboxTimeout).toBe(count);
    // Inline has so little time that a busy machine may not let it come that far.
    if (kind !== "inline") expect(SandboxMemoryLimit).toBe(count);
    expectNothingLeft(report);
  },
  TIMEOUT,
);

test.each([
  ["inline", 10],
  ["worker", 10],
  ["process", 10],
] as const)(
  "%s: deep recursion ends, and leaves nothing",
  async (kind, count) => {
    const report = await stress(kind, "deep", count);
    const { SandboxTrap = 0, SandboxTimeout = 0, ...others } = report.outcomes;
    expect(others).toEqual({});
    expect(SandboxTrap + SandboxTimeout).toBe(count);
    if (kind !== "inline") expect(SandboxTrap).toBe(count);
    expectNothingLeft(report);
  },
  TIMEOUT,
);

test(
  "a program ends though its sandboxes were not disposed of",
  async () => {
    const program = `
    import { WasmSandbox } from "sluice/sandbox";
    const source = Uint8Array.fromHex(
      "0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b",
    );
    for (const kind of ["inline", "worker", "process"]) {
      const sandbox = await WasmSandbox.builder().source(source).executor(kind).callTimeout("20s").build();
      await sandbox.call("add", [1, 2]).catch(() => {});
    }
    console.log("end");`;
    const child = Bun.spawn([process.execPath, "-e", program], {
      stdout: "pipe",
      stderr: "inherit",
      cwd: join(import.meta.dir, "../.."),
    });
    expect(await new Response(child.stdout).text()).toBe("end\n");
    expect(await child.exited).toBe(0);
  },
  TIMEOUT,
);
