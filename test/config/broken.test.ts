import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isSpan } from "../../src/config/diagnostic.ts";
import { loadConfig } from "../../src/config/load.ts";
import { renderDiagnostics } from "../../src/config/render.ts";

/**
 * Each file or folder in `broken/` is a configuration with something wrong, and `.txt` beside it is what is
 * said of it. `UPDATE_GOLDEN=1 bun test test/config/broken.test.ts` writes the texts anew: read the difference.
 */
const folder = join(import.meta.dir, "broken");
const update = process.env["UPDATE_GOLDEN"] === "1";

const cases = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() || entry.name.endsWith(".toml"))
  .map((entry) => entry.name)
  .toSorted();

function load(name: string) {
  const cwd = name.endsWith(".toml") ? folder : join(folder, name);
  return loadConfig({ file: name.endsWith(".toml") ? name : "sluice.toml", cwd });
}

describe("broken configurations", () => {
  for (const name of cases) {
    test(name, () => {
      const { diagnostics, config } = load(name);
      const text = renderDiagnostics(diagnostics).replaceAll(folder, "<folder>");
      const golden = join(folder, `${name.replace(/\.toml$/, "")}.txt`);
      if (update) writeFileSync(golden, text);
      expect(existsSync(golden)).toBe(true);
      expect(text).toBe(readFileSync(golden, "utf8"));
      expect(diagnostics.length).toBeGreaterThan(0);
      const broken = diagnostics.some(({ severity }) => severity === "error");
      expect(config === undefined).toBe(broken);
    });
  }

  test("there are at least forty", () => {
    expect(cases.length).toBeGreaterThanOrEqual(40);
  });
});

test("ten mistakes give ten diagnostics, each at its line and column", () => {
  const { diagnostics } = load("ten-mistakes.toml");
  const places = diagnostics.map(({ at }) => {
    if (!isSpan(at)) return undefined;
    const { line, column } = at.file.position(at.start);
    return `${line}:${column} ${at.file.text.slice(at.start, at.end)}`;
  });
  expect(places).toEqual([
    "3:1 prot",
    '4:8 "localhost:8080"',
    '5:11 "four"',
    "6:9 yes",
    "9:16 12",
    "12:1 cert",
    '15:10 "jsno"',
    '18:18 "*.example.*"',
    '22:18 "images/*"',
    '27:19 "statik"',
  ]);
});
