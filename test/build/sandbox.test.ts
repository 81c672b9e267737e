// Guests in an executable, whose threads and processes are the executable itself.
import { afterAll, expect, test } from "bun:test";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wat } from "../sandbox/guests/wat.ts";

const root = new URL("../..", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "sluice-sandbox-executable-"));
afterAll(() => rmSync(folder, { recursive: true }));

// Larger than what is instrumented without a thread.
const GUEST = `(module (memory (export "memory") 1)
  (func (export "five") (result i32) (i32.const 5))
  (func (export "spin") (loop (br 0)))
  (func (export "trap") unreachable)
  (data (i32.const 0) "${"x".repeat(30_000)}"))`;

const PROGRAM = `
import { App } from "sluice";
import { WasmSandbox } from "sluice/sandbox";

export const app = new App().get("/:kind/:fn", async ({ params }) => {
  const sandbox = await WasmSandbox.builder()
    .source("guest.wasm")
    .executor(params.kind as "inline" | "worker" | "process")
    .cpuTimeout(params.kind === "inline" ? "10ms" : "300ms")
    .build();
  try {
    return { value: await sandbox.call(params.fn) };
  } catch (error) {
    return { error: (error as Error).name };
  } finally {
    await sandbox.dispose();
  }
});
`;

test("all executors run guests, stop them, and tell why, without a file of the package", async () => {
  const project = join(folder, "project");
  mkdirSync(join(project, "node_modules"), { recursive: true });
  symlinkSync(root, join(project, "node_modules/sluice"));
  writeFileSync(join(project, "app.ts"), PROGRAM);
  const sluice = join(root, "src/cli/main.ts");
  const build = Bun.spawnSync([process.execPath, sluice, "build", "app.ts", "-o", "guests"], {
    cwd: project,
  });
  expect(build.stderr.toString()).toBe("");
  const elsewhere = join(folder, "elsewhere");
  mkdirSync(elsewhere);
  cpSync(join(project, "guests"), join(elsewhere, "guests"));
  writeFileSync(join(elsewhere, "guest.wasm"), wat(GUEST));
  const child = Bun.spawn([join(elsewhere, "guests"), "--port", "0"], {
    cwd: elsewhere,
    env: { PATH: "" },
    stdout: "pipe",
    stderr: "inherit",
  });
  try {
    const { value } = await child.stdout.getReader().read();
    const told = JSON.parse(new TextDecoder().decode(value).split("\n")[0] as string) as {
      addresses: { url: string }[];
    };
    const ask = async (path: string): Promise<unknown> =>
      (await fetch(`${told.addresses[0]?.url}/${path}`)).json();
    for (const kind of ["inline", "worker", "process"]) {
      expect([kind, await ask(`${kind}/five`)]).toEqual([kind, { value: 5 }]);
      expect([kind, await ask(`${kind}/trap`)]).toEqual([kind, { error: "SandboxTrap" }]);
      expect([kind, await ask(`${kind}/none`)]).toEqual([kind, { error: "GuestError" }]);
      expect([kind, await ask(`${kind}/spin`)]).toEqual([kind, { error: "SandboxTimeout" }]);
    }
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
  } finally {
    child.kill("SIGKILL");
  }
}, 60_000);
