// The guests in the guide are built and run as it says.
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "../../../src/core/app.ts";
import { WasmSandbox, wasmMiddleware } from "../../../src/sandbox/index.ts";
import { compileAssemblyScript, compileC, FREESTANDING } from "../guests/toolchain.ts";
import { wat } from "../guests/wat.ts";

// Guests are stopped by a clock, and the machine may be busy.
setDefaultTimeout(60_000);

const root = new URL("../../../", import.meta.url).pathname;
const guide = readFileSync(join(root, "docs/guide/sandbox.md"), "utf8");

/** The block of a language that holds a text. */
function block(language: string, part: string): string {
  const blocks = guide.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"));
  const found = [...blocks].map((match) => match[1] as string).find((text) => text.includes(part));
  if (found === undefined) throw new Error(`the guide has no ${language} with ${part}`);
  return found;
}

async function sandboxOf(bytes: Uint8Array<ArrayBuffer>): Promise<WasmSandbox> {
  const sandbox = await WasmSandbox.builder()
    .source(bytes)
    .cpuTimeout("10s")
    .callTimeout("20s")
    .build();
  afterAll(() => sandbox.dispose());
  return sandbox;
}

test("the one in C refuses a path", async () => {
  const flags = [...FREESTANDING, "-Iexamples/sandbox/include"];
  const sandbox = await sandboxOf(compileC({ text: block("c", "/private") }, flags));
  const app = new App().use(wasmMiddleware(sandbox)).get("/*", () => "in");
  const status = async (path: string) =>
    (await app.fetch(new Request(`http://a.example${path}`))).status;
  expect([await status("/private/a"), await status("/public")]).toEqual([403, 200]);
});

const folder = mkdtempSync(join(tmpdir(), "sluice-guide-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const shout = join(folder, "shout.ts");
writeFileSync(shout, block("ts", "function shout"));
const shouting = await compileAssemblyScript(shout, ["--use", "abort="]);

test("the one in AssemblyScript shouts", async () => {
  const sandbox = await sandboxOf(shouting);
  expect(await sandbox.call<string>("shout", "hello")).toBe("HELLO");
});

test("the one in the text format marks answers", async () => {
  const sandbox = await sandboxOf(wat(block("wat", "x-guestwat")));
  const app = new App().use(wasmMiddleware(sandbox)).get("/", () => "in");
  const answer = await app.fetch(new Request("http://a.example/"));
  expect(answer.headers.get("x-guest")).toBe("wat");
});

test("its table of policies is that of the code", async () => {
  const source = readFileSync(join(root, "src/sandbox/policy.ts"), "utf8");
  for (const row of ["| memory", "| `cpuTimeout`", "| `callTimeout`", "| input, output"]) {
    const line = guide.split("\n").find((one) => one.startsWith(row)) as string;
    const cells = line
      .split("|")
      .slice(2, -1)
      .map((cell) => cell.trim());
    const name = row.replace(/[|`]/g, "").trim();
    const documented = source.split("\n").find((one) => one.includes(`* | ${name}`)) as string;
    expect([name, ...cells]).toEqual(
      documented
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  }
});
