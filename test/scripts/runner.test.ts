import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const script = new URL("../../scripts/test.js", import.meta.url).pathname;
const binaries = new URL("../../node_modules/.bin", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "sluice-runner-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the test command over files of a project of its own. */
async function run(name: string, files: Record<string, string>, ci = false) {
  const root = join(folder, name);
  mkdirSync(join(root, "src"), { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `import { test, expect } from "bun:test";\n${text}`);
  }
  const env: Record<string, string> = { PATH: `${binaries}:${process.env["PATH"]}` };
  if (ci) env["CI"] = "true";
  const command = ["node", script, ".test.ts"];
  const child = Bun.spawn(command, { cwd: root, env, stdin: "ignore", stdout: "pipe" });
  const output = await new Response(child.stdout).text();
  return { code: await child.exited, last: output.trimEnd().split("\n").at(-1), output };
}

const good = 'test("good", () => expect(1).toBe(1));';

test("what passes is counted, in src and in test", async () => {
  const { code, last } = await run("good", { "src/a.test.ts": good, "test/b/c.test.ts": good });
  expect({ code, last }).toEqual({ code: 0, last: "2 passed, 0 failed, 0 skipped" });
});

test("a failure shows what failed", async () => {
  const bad = 'test("bad", () => expect("this").toBe("that"));';
  const { code, last, output } = await run("bad", { "test/a.test.ts": good + bad });
  expect({ code, last }).toEqual({ code: 1, last: "1 passed, 1 failed, 0 skipped" });
  expect(output).toContain('Expected: "that"');
});

test("a file that crashes, ends early or holds no test has failed, and others still run", async () => {
  const { code, last, output } = await run("broken", {
    "test/crash.test.ts": `${good} test("crash", () => process.kill(process.pid, "SIGKILL"));`,
    "test/early.test.ts": `${good} test("early", () => process.exit(0));`,
    "test/empty.test.ts": "expect(1).toBe(1);",
    "test/syntax.test.ts": "this is no program",
    "test/good.test.ts": good,
  });
  expect({ code, last }).toEqual({ code: 1, last: "1 passed, 4 failed, 0 skipped" });
  for (const name of ["crash", "early", "empty", "syntax"])
    expect(output).toContain(`FAIL test/${name}.test.ts`);
});

test("a skipped test fails in CI only", async () => {
  const files = { "test/a.test.ts": `${good} test.skipIf(true)("later", () => {});` };
  const last = "1 passed, 0 failed, 1 skipped";
  expect(await run("skipped", files)).toMatchObject({ code: 0, last });
  expect(await run("skipped-ci", files, true)).toMatchObject({ code: 1, last });
});

test("a process that a test leaves behind holds nothing up", async () => {
  const leave = 'test("leave", () => void Bun.spawn(["sleep", "600"], { stdout: "inherit" }));';
  const { code, last } = await run("left", { "test/a.test.ts": leave });
  expect({ code, last }).toEqual({ code: 0, last: "1 passed, 0 failed, 0 skipped" });
});

test("no test at all is a failure", async () => {
  const { code, last } = await run("none", { "test/a.txt": "" });
  expect({ code, last }).toEqual({ code: 1, last: "0 passed, 0 failed, 0 skipped" });
});
