import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ACCESS_LOG = join(import.meta.dir, "../access-log.ts");

/** Lines that a process leaves which writes `count` of them to `output` and ends like this. */
async function linesLeft(end: string, output: string, count: number, file?: string) {
  const script = `
    import { createAccessLog } from ${JSON.stringify(ACCESS_LOG)};
    const log = createAccessLog({ format: "json", output: ${JSON.stringify(output)}, report: () => {} });
    await log.flush();
    for (let i = 0; i < ${count}; i++) log.refused("192.0.2.1", 400, "number_" + i);
    ${end}
  `;
  const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe", stderr: "ignore" });
  const [said] = await Promise.all([new Response(child.stdout).text(), child.exited]);
  const text = file === undefined ? said : readFileSync(file, "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).error);
}

for (const [name, end] of [
  ["process.exit", "process.exit(3);"],
  ["an error that nobody caught", "setTimeout(() => { throw new Error('bad'); });"],
  ["nothing left to do", ""],
] as const) {
  test(`lines are in the file after ${name}`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-exit-"));
    const file = join(folder, "access.log");
    const left = await linesLeft(end, file, 3, file);
    expect(left).toEqual(["number_0", "number_1", "number_2"]);
    rmSync(folder, { recursive: true });
  });
}

test("lines are in the pipe of standard output after process.exit", async () => {
  expect((await linesLeft("process.exit(3);", "stdout", 1000)).length).toBe(1000);
});

test("a reader that does not read does not keep a process from ending", async () => {
  const script = `
    import { createAccessLog } from ${JSON.stringify(ACCESS_LOG)};
    const log = createAccessLog({ format: "json", output: "stdout", report: () => {} });
    await log.flush();
    for (let i = 0; i < 5000; i++) log.refused("192.0.2.1", 400, "x".repeat(100));
    process.exit(3);
  `;
  // Its output is a pipe that is held open and not read until it has ended.
  const shell = `mkfifo "$0/end"
    { "$1" -e "$2"; echo "$?" > "$0/end"; } | { read -r code < "$0/end"; wc -l <&3; echo "$code"; } 3<&0`;
  const folder = mkdtempSync(join(tmpdir(), "sluice-exit-"));
  const child = Bun.spawn(["sh", "-c", shell, folder, process.execPath, script], {
    stdout: "pipe",
    stderr: "ignore",
    timeout: 4_000,
  });
  const [lines, code] = (await new Response(child.stdout).text()).split("\n").map(Number);
  expect(code).toBe(3);
  // As much as the pipe holds.
  expect(lines).toBeGreaterThan(10);
  expect(lines).toBeLessThan(5000);
  rmSync(folder, { recursive: true });
});
