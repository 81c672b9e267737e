// The way of somebody new: a project, its tests, an executable, on a package as npm would install it.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = new URL("../..", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "sluice-project-"));
const installed = join(folder, "package");
const project = join(folder, "notes");
const path = `${join(root, "node_modules/.bin")}:${process.env["PATH"]}`;

async function run(command: string[], cwd: string): Promise<{ code: number; said: string }> {
  const child = Bun.spawn(command, {
    cwd,
    env: { ...process.env, PATH: path },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, said: out + err };
}

const sluice = (args: string[], cwd: string) =>
  run(["node", join(installed, "bin/sluice.js"), ...args], cwd);

beforeAll(async () => {
  mkdirSync(installed);
  for (const name of ["package.json", "bin", "src"]) {
    cpSync(join(root, name), join(installed, name), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(installed, "node_modules"));
  const types = ["-p", "tsconfig.build.json", "--outDir", join(installed, "dist")];
  const built = await run(["tsc", ...types], root);
  if (built.code !== 0) throw new Error(built.said);
  const made = await sluice(["new", "notes"], folder);
  expect(made).toMatchObject({ code: 0, said: expect.stringContaining("npm install") });
  mkdirSync(join(project, "node_modules"));
  symlinkSync(installed, join(project, "node_modules/sluice"));
  for (const name of ["zod", "bun", "bun-types", "@types", "typescript"]) {
    symlinkSync(join(root, "node_modules", name), join(project, "node_modules", name));
  }
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

test("the new project type-checks, and its tests pass", async () => {
  const types = await run(["tsc"], project);
  expect(types).toEqual({ code: 0, said: "" });
  const tests = await run([process.execPath, "test"], project);
  expect(tests.said).toContain("2 pass");
  expect(tests.code).toBe(0);
}, 60_000);

test("sluice build makes an executable that runs elsewhere, with several workers", async () => {
  const built = await sluice(["build", "src/app.ts", "-o", "server"], project);
  expect(built).toMatchObject({ code: 0, said: expect.stringContaining("wrote server") });
  const elsewhere = mkdtempSync(join(tmpdir(), "sluice-elsewhere-"));
  try {
    const executable = join(elsewhere, "server");
    cpSync(join(project, "server"), executable);
    const child = Bun.spawn([executable, "--port", "0", "--workers", "2"], {
      cwd: elsewhere,
      env: { PATH: "" },
      stdout: "pipe",
      stderr: "inherit",
    });
    const { value } = await child.stdout.getReader().read();
    const started = JSON.parse(new TextDecoder().decode(value).split("\n")[0] as string) as {
      addresses: { url: string }[];
    };
    const response = await fetch(`${started.addresses[0]?.url}/notes/5`);
    expect([response.status, await response.json()]).toMatchObject([
      404,
      { code: "note_not_found" },
    ]);
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
  } finally {
    rmSync(elsewhere, { recursive: true });
  }
}, 60_000);

test("settings that are missing keep no executable from being built, but from starting", async () => {
  writeFileSync(
    join(project, "src/strict.ts"),
    `import { App } from "sluice";
import { config } from "sluice/config";
import { z } from "zod";
const { db } = config(z.object({ db: z.object({ url: z.string() }) }));
export const app = new App().get("/", () => db.url);
`,
  );
  const built = await sluice(["build", "src/strict.ts", "-o", "strict"], project);
  expect(built.said).toContain("warning: cannot load");
  expect(built.said).toContain("start it: ./strict --port 8080");
  expect(built.code).toBe(0);
  const started = Bun.spawnSync([join(project, "strict"), "--port", "0"], { cwd: project });
  const said = started.stderr.toString();
  expect(started.exitCode).toBe(1);
  expect(said).toStartWith("error: the application cannot start:\n");
  expect(said).toContain("db");
  expect(said).not.toContain("  at ");
}, 60_000);

test("what cannot be made or built is told with what to do", async () => {
  const again = await sluice(["new", "notes"], folder);
  expect(again).toMatchObject({ code: 2, said: expect.stringContaining("not empty") });
  const named = await sluice(["new", "No Name"], folder);
  expect(named).toMatchObject({ code: 2, said: expect.stringContaining("lower-case") });
  const missing = await sluice(["build", "nope.ts"], project);
  expect(missing).toMatchObject({ code: 2, said: expect.stringContaining("no file nope.ts") });
  const none = await sluice(["build", "src/notes.ts"], project);
  expect(none).toMatchObject({ code: 1, said: expect.stringContaining("must export an App") });
}, 30_000);
