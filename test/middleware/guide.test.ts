import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { App } from "../../src/core/app.ts";
import * as middleware from "../../src/middleware/index.ts";

const root = new URL("../..", import.meta.url).pathname;
const guide = readFileSync(join(root, "docs/guide/middleware.md"), "utf8");

/** A program of the guide, with what it is asked and what it answers. */
interface Example {
  title: string;
  program: string;
  requests: string[];
}

const examples: Example[] = [];
for (const section of guide.split(/^#+ /m).slice(1)) {
  const title = section.slice(0, section.indexOf("\n"));
  for (const [, language, block] of section.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)) {
    if (language === "ts") examples.push({ title, program: block as string, requests: [] });
    if (language === "http") examples.at(-1)?.requests.push((block as string).trimEnd());
  }
}

// In the project, so that types of packages are found; ignored by git, as it is under node_modules.
let folder = "";
beforeAll(() => {
  mkdirSync(join(root, "node_modules/.cache"), { recursive: true });
  folder = mkdtempSync(join(root, "node_modules/.cache/guide-"));
  for (const [index, { program }] of examples.entries()) {
    const src = join(root, "src");
    const text = program
      .replaceAll('"sluice"', JSON.stringify(join(src, "index.ts")))
      .replaceAll(/"sluice\/(\w+)"/g, (_, room) => JSON.stringify(join(src, room, "index.ts")));
    writeFileSync(join(folder, `example-${index}.ts`), text);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

test("every middleware has a section with an example", () => {
  const titles = new Set(examples.map(({ title }) => title));
  const functions = Object.keys(middleware).filter((name) => /^[a-z]/.test(name));
  expect(functions.length).toBe(18);
  expect(functions.filter((name) => !titles.has(name))).toEqual([]);
});

describe.each(examples.map((example, index) => ({ ...example, index })))(
  "$title",
  ({ requests, index }) => {
    test("does what the guide shows", async () => {
      const { app } = (await import(join(folder, `example-${index}.ts`))) as { app: App };
      expect(requests.length).toBeGreaterThan(0);
      for (const text of requests) await check(app, text);
    });
  },
);

/** A request, its body if it has one, then the status, fields and a part of the body. */
async function check(app: App, text: string): Promise<void> {
  const parts = text.split("\n\n");
  const [line = "", ...sent] = (parts.shift() as string).split("\n");
  const [method = "", target = ""] = line.split(" ");
  const body = /^\d{3}(\n|$)/.test(parts[0] ?? "") ? null : (parts.shift() as string);
  const [status, ...fields] = (parts.shift() as string).split("\n");
  const request = new Request(`http://localhost${target}`, { method, body });
  for (const field of sent) request.headers.set(...pair(field));
  const answer = await app.fetch(request);
  expect([text, answer.status]).toEqual([text, Number(status)]);
  for (const [name, value] of fields.map(pair)) expect(answer.headers.get(name)).toBe(value);
  if (parts.length > 0) expect(await answer.text()).toContain(parts.join("\n\n"));
}

function pair(field: string): [string, string] {
  const at = field.indexOf(": ");
  return [field.slice(0, at), field.slice(at + 2)];
}

test("has the right types", async () => {
  const config = {
    extends: join(root, "tsconfig.json"),
    include: ["*.ts"],
    compilerOptions: {
      types: [join(root, "node_modules/bun-types")],
      rewriteRelativeImportExtensions: false,
    },
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const child = Bun.spawn([join(root, "node_modules/.bin/tsc"), "-p", folder], { stdout: "pipe" });
  const printed = await new Response(child.stdout).text();
  expect(printed.split("\n").filter((line) => line.includes("example-"))).toEqual([]);
}, 30_000);
