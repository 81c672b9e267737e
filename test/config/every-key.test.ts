import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "smol-toml";
import { isSpan } from "../../src/config/diagnostic.ts";
import { loadConfig } from "../../src/config/load.ts";
import { renderDiagnostics } from "../../src/config/render.ts";
import { configSchema } from "../../src/config/schema/config.ts";
import { notesFor } from "../../src/config/schema/walk.ts";
import { tomlKey, tomlValue } from "../../src/config/write-toml.ts";
import type { Key } from "./every-key.ts";
import { everyKey, isTable, wrongValue } from "./every-key.ts";

/**
 * No key without a description in the reference, an example, and a good word for a wrong value. What is said of a
 * wrong value of each is in `every-key/`: `UPDATE_GOLDEN=1 bun test ./test/config/every-key.test.ts` writes that anew.
 */
const folder = join(import.meta.dir, "every-key");
const update = process.env["UPDATE_GOLDEN"] === "1";
const keys = everyKey(configSchema);
const cwd = mkdtempSync(join(tmpdir(), "sluice-keys-"));
afterAll(() => rmSync(cwd, { recursive: true }));

test("there are as many as a gateway needs", () => {
  expect(keys.length).toBeGreaterThan(300);
  const names = keys.map(({ path }) => path.join("."));
  for (const name of [
    "server.port",
    "middleware.rewrite.when.header",
    "middleware.rewrite.when.client_cert.san",
    "route.action.location.from",
    "middleware.auth.cache.by",
    "middleware.rewrite.to",
  ])
    expect(names).toContain(name);
});

describe("the reference", () => {
  const page = readFileSync(join(import.meta.dir, "../../docs/reference/config.md"), "utf8");
  const sections = page.split(/^## /m).map((text) => {
    const [title = "", ...lines] = text.split("\n");
    return { title, rows: lines.filter((line) => line.startsWith("| `")) };
  });

  /** `[a.b]` or `[[a.b]]`, of the right kind. */
  const under = (path: readonly string[], kind: string | undefined) =>
    sections.filter(({ title }) => {
      if (path.length === 0) return title === "At the top";
      const named = title.replaceAll("[[", "[").startsWith(`\`[${path.join(".")}]`);
      return named && (kind === undefined || title.includes(kind));
    });

  test("has every key in the section of its table, with its example", () => {
    const missing = keys.filter(({ path, kind, schema }) => {
      if (isTable(schema)) return under(path, undefined).length === 0;
      const example = `\`${path.at(-1)} = ${notesFor(schema)?.example?.replaceAll("|", "\\|")}\``;
      return !under(path.slice(0, -1), kind).some(({ rows }) =>
        rows.some((row) => row.startsWith(`| \`${path.at(-1)}\` |`) && row.includes(example)),
      );
    });
    expect(missing.map(({ name, kind }) => [name, kind])).toEqual([]);
  });
});

describe("examples", () => {
  test("are there for every key that is no table, and are right", () => {
    const wrong = keys.filter(({ path, schema }) => {
      const example = notesFor(schema)?.example;
      if (example === undefined) return !isTable(schema);
      const { value } = parse(`value = ${example}`);
      return !schema.safeParse(value).success || path.length === 0;
    });
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });

  test("are what nobody says of a wrong value", () => {
    for (const { schema } of keys) expect(schema.safeParse(wrongValue(schema)).success).toBe(false);
  });
});

/** What is said of a wrong value of a key, with the line that has it. */
function complaint(key: Key): string {
  const config = key.config(wrongValue(key.schema));
  const [[table, value] = ["", undefined]] = Object.entries(config);
  const text = `${tomlKey(table)} = ${tomlValue(value)}\n`.replace("Infinity", "inf");
  writeFileSync(join(cwd, "sluice.toml"), text);
  const { diagnostics } = loadConfig({ file: "sluice.toml", cwd });
  const own = diagnostics.filter(
    ({ at, message, severity }) => isSpan(at) && severity === "error" && namesIt(message, key.name),
  );
  return own.length === 0
    ? ""
    : renderDiagnostics(own)
        .replaceAll(cwd, "<folder>")
        .replace(/\d+ errors?\n$/, "");
}

/** The key itself, or an item of it. */
function namesIt(message: string, name: string): boolean {
  const at = message.indexOf(name);
  return at >= 0 && !/^[\w-]/.test(message.slice(at + name.length));
}

/** `middleware-auth`, `route-action`, `server`: what belongs together. */
function groupOf({ path }: Key): string {
  const [first = "", second] = path;
  const isWide = first === "route" || first === "middleware";
  return second === undefined ? "top" : isWide ? `${first}-${second}` : first;
}

describe("a wrong value", () => {
  const groups = Map.groupBy(keys, groupOf);
  for (const [group, members] of groups) {
    test(`of ${group}`, () => {
      const texts = members.map((key) => {
        const said = complaint(key);
        // A word about each, which names it and its place.
        expect([key.name, said === ""]).toEqual([key.name, false]);
        return `# ${key.name}${key.kind === undefined ? "" : ` (${key.kind})`}\n${said}`;
      });
      const golden = join(folder, `${group}.txt`);
      const text = texts.join("");
      if (update) writeFileSync(golden, text);
      expect(existsSync(golden)).toBe(true);
      expect(text).toBe(readFileSync(golden, "utf8"));
    });
  }

  test("is told of keys that there are, and no others", () => {
    const files = readdirSync(folder).map((name) => name.replace(/\.txt$/, ""));
    expect(files.toSorted()).toEqual([...groups.keys()].toSorted());
  });
});
