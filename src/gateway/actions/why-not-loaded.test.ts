import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { whyNotLoaded } from "./why-not-loaded.ts";

/** What importing a source of this text is said to fail with, file names cut to their last part. */
async function why(text: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-why-"));
  const file = join(folder, "app.ts");
  writeFileSync(file, text);
  try {
    await import(file);
    return "nothing";
  } catch (error) {
    return whyNotLoaded(error).replaceAll(`${folder}/`, "");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a mistake of spelling has its place and its line", async () => {
  const found = await why("export const a = 1;\n\texport const b: number = ;\n");
  expect(found).toContain("\napp.ts:2:");
  expect(found).toContain(" 2 | \texport const b: number = ;\n");
  expect(found).toMatch(/\n {3}\| \t +\^$/);
});

test("several are told, each with its place", async () => {
  const found = await why('export const a = f("x" () => 2);\nexport const = 3;\n');
  expect(found).toContain("\napp.ts:1:27: ");
  expect(found).not.toContain("errors building");
});

test("of a very long line there is no excerpt", async () => {
  const found = await why(`${"f();".repeat(1000)} const a = ;`);
  expect(found).toStartWith("\napp.ts:1:4012: ");
  expect(found.length).toBeLessThan(100);
});

test("what throws has the place in the sources of the application", async () => {
  const found = await why('export const a = 1;\nJSON.parse("undefined");\n');
  expect(found).toMatch(/^ JSON Parse error.*\n  at .*app\.ts:2:\d+\)?$/);
});

test("what a schema refuses is listed by its keys", () => {
  const issues = [
    { path: ["db", { key: "url" }], message: "is missing" },
    { message: "is not an object" },
  ];
  const refused = Object.assign(new Error("[{…}]"), { issues });
  expect(whyNotLoaded(refused)).toBe("\n  db.url: is missing\n  is not an object");
  const many = Object.assign(new Error(""), { issues: Array(25).fill({ message: "no" }) });
  expect(whyNotLoaded(many)).toEndWith("\n  no\n  and 5 more");
});

test.each([
  ["text", " text"],
  [undefined, " undefined"],
  [new Error("no stack of ours"), " no stack of ours"],
])("%p is told as it is", (thrown, said) => {
  if (thrown instanceof Error) thrown.stack = "Error\n    at f (/a/node_modules/b/c.js:1:2)";
  expect(whyNotLoaded(thrown)).toBe(said);
});
