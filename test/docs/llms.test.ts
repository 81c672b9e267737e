import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cookbook, recipes } from "../../scripts/cookbook.ts";
import { llmsFull, llmsIndex } from "../../scripts/llms-text.ts";

const root = join(import.meta.dir, "../..");
const read = (name: string) => readFileSync(join(root, name), "utf8");

test.each([
  ["docs/cookbook.md", cookbook],
  ["llms.txt", llmsIndex],
  ["llms-full.txt", llmsFull],
])("%s is up to date: run bun scripts/llms.ts", (name, make) => {
  // Not toBe: the difference of two books helps nobody.
  expect(read(name) === make()).toBe(true);
});

test("the index names every page of the guide and every recipe", () => {
  const index = llmsIndex();
  const guide = [...new Bun.Glob("docs/guide/*.md").scanSync(root)];
  expect(guide.length).toBeGreaterThan(20);
  expect(guide.filter((path) => !index.includes(`(${path})`))).toEqual([]);
  expect(recipes().filter(({ file }) => !index.includes(`/${file})`))).toEqual([]);
});

test("AGENTS.md names what there is", () => {
  const text = read("AGENTS.md");
  const named = text.matchAll(
    /(?:`|\s|\()((?:src|test|scripts|docs|bench)\/[\w./-]*|[A-Z]+\.md)(?=[`)\s])/g,
  );
  const paths = [...new Set([...named].map((match) => match[1] as string))];
  expect(paths.length).toBeGreaterThan(20);
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
