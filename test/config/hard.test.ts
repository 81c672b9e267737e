import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isSpan } from "../../src/config/diagnostic.ts";
import { loadConfig } from "../../src/config/load.ts";
import { renderDiagnostics } from "../../src/config/render.ts";
import { SourceFile } from "../../src/config/source-file.ts";
import { parseToml } from "../../src/config/toml/parse.ts";

const cwd = mkdtempSync(join(tmpdir(), "sluice-config-hard-"));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

function check(text: string | Uint8Array) {
  const file = join(cwd, "sluice.toml");
  writeFileSync(file, text);
  const { diagnostics, config } = loadConfig({ file, cwd });
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  return { errors, config, shown: renderDiagnostics(diagnostics) };
}

const times = (count: number, piece: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => piece(index)).join("");

// Each of these took minutes, or never ended, when the work grew with the square of what is in the file.
describe("as many mistakes as there are lines", () => {
  test.each([
    ["routes without an action", "[[route]]\n".repeat(20_000), 20_000, 'route[1] needs "action"'],
    [
      "unknown keys in one table",
      `[server]\n${times(20_000, (i) => `key${i} = 1\n`)}`,
      20_000,
      'unknown key "key0" in server',
    ],
    ["unknown tables", times(10_000, (i) => `[t${i}]\n`), 10_000, 'unknown key "t0"'],
    [
      "hosts in one list",
      `[[route]]\nmatch.host = [${times(5_000, (i) => `"h ${i}",`)}]\naction = { type = "respond" }\n`,
      5_000,
      "route[1].match.host[1] must be a host name",
    ],
    [
      "references that lead nowhere",
      times(5_000, () => '[[route]]\naction = { type = "respond", body = "env:NOT_SET" }\n'),
      5_000,
      "which is not set",
    ],
    [
      "files that are not there",
      `include = [${times(3_000, (i) => `"${i}",`)}]\n`,
      3_000,
      "cannot read 0",
    ],
  ])(
    "%s",
    (_, text, count, first) => {
      const { errors, config, shown } = check(text);
      expect(config).toBeUndefined();
      expect(errors.length).toBe(count);
      expect(errors[0]?.message).toContain(first);
      // A hundred are shown, and all are counted.
      expect(shown.match(/: error: /g)?.length).toBe(100);
      expect(shown).toContain(`… and `);
      expect(shown).toContain(`${count} errors`);
      expect(shown.length).toBeLessThan(60_000);
    },
    30_000,
  );
});

describe("what is too large is said in one line", () => {
  test.each([
    [
      "a key of 50,000 parts",
      `[server]\n${"a.".repeat(50_000)}b = 1\n`,
      "2:1 this is more than 32",
    ],
    ["a header of 50,000 parts", `[${"a.".repeat(50_000)}b]\n`, "1:2 this is more than 32"],
    [
      "lists 100,000 deep",
      `a = ${"[".repeat(100_000)}${"]".repeat(100_000)}\n`,
      "1:37 invalid TOML: lists and inline tables are more than 32 deep",
    ],
    ["lists that never end", `a = ${"[".repeat(100_000)}`, "1:37 invalid TOML: lists"],
    [
      "inline tables 100,000 deep",
      `a = ${"{a=".repeat(100_000)}1${"}".repeat(100_000)}\n`,
      "1:101 invalid TOML: lists and inline tables",
    ],
    [
      "depth made of all three",
      `[a.a.a.a.a.a.a.a.a.a]\n${"b.".repeat(10)}c = ${"[".repeat(15)}${"]".repeat(15)}\n`,
      "this is more than 32 tables and lists deep",
    ],
    [
      "a list of 300,000 numbers",
      `include = [${"1,".repeat(300_000)}]\n`,
      "more than 200000 values",
    ],
    ["a file of 5 MB", `# ${"x".repeat(5_000_000)}\n`, "it is larger than 4 MiB"],
    [
      "hosts times paths",
      `[[route]]\nmatch.host = [${times(1_000, (i) => `"h${i}",`)}]\nmatch.path = [${times(1_000, (i) => `"/${i}",`)}]\naction = { type = "respond" }\n`,
      "1000 hosts times 1000 paths",
    ],
    [
      "a path of 400,000 characters",
      `[[route]]\nmatch.path = "${"/a".repeat(200_000)}"\naction = { type = "respond" }\n`,
      "route[1].match.path is longer than 1024 characters",
    ],
    [
      "a host of a million characters",
      `[[route]]\nmatch.host = "${"a.".repeat(500_000)}"\naction = { type = "respond" }\n`,
      "route[1].match.host is longer than a host name can be",
    ],
    [
      "a text of 3 MB that is not closed",
      `[server]\nhost = "${"x".repeat(3_000_000)}\n`,
      "a quote is missing",
    ],
    ["3 MB of escapes", `a = ${'"\\'.repeat(1_500_000)}\n`, "invalid TOML"],
    ["3 MB of blanks in a line", `a${" ".repeat(3_000_000)}b\n`, "invalid TOML"],
    ["a name of 3 MB", `"${"x".repeat(3_000_000)}" = 1\n`, 'unknown key "xxx'],
    ["NUL bytes", "[server]\nport = 80\0\n", "2:10 invalid TOML"],
    [
      "bytes that are not UTF-8",
      new Uint8Array([0x61, 0x3d, 0x22, 0xff, 0x22]),
      "it is not UTF-8 text",
    ],
    ["UTF-16", Buffer.from("\uFEFF[server]\n", "utf16le"), "it is not UTF-8 text"],
  ])(
    "%s",
    (_, text, message) => {
      const { errors, config, shown } = check(text);
      expect(config).toBeUndefined();
      const said = errors.map(({ at, message: words }) => {
        if (!isSpan(at)) return words;
        const { line, column } = at.file.position(at.start);
        return `${line}:${column} ${words}`;
      });
      expect(said.length).toBe(1);
      expect(said[0]).toContain(message);
      expect(shown.length).toBeLessThan(1_000);
      // Nothing of a file reaches the terminal as a command to it.
      expect(/[^\P{Cc}\n]/u.test(shown)).toBe(false);
    },
    30_000,
  );

  test("20 syntax errors in a small file, fewer in a large one", () => {
    expect(check("x y\n".repeat(100)).errors.length).toBe(20);
    const large = check("x y\n".repeat(500_000)).errors.length;
    expect(large).toBeGreaterThan(1);
    expect(large).toBeLessThan(20);
  }, 30_000);

  test("a mistake behind 150,000 table headers", () => {
    const text = `${times(150_000, (i) => `[a${i}]\n`)}x y\n`;
    const { diagnostics, gaps } = parseToml(new SourceFile("a.toml", "/a.toml", text));
    expect(diagnostics.map(({ message }) => message)).toEqual([
      "invalid TOML: illegal character in key",
    ]);
    // What is lost is of the last table only.
    expect(gaps).toEqual([{ start: text.lastIndexOf("["), end: text.length }]);
  });
});

describe("includes", () => {
  const write = (name: string, text: string) => {
    mkdirSync(join(cwd, "sub"), { recursive: true });
    writeFileSync(join(cwd, "sub", name), text);
  };

  test("a pattern with 2,000 files", () => {
    for (let i = 0; i < 2_000; i++) {
      write(`many-${i}.toml`, `[[route]]\nmatch.path = "/${i}"\naction = { type = "respond" }\n`);
    }
    const { config, errors } = check('include = ["sub/many-*.toml"]\n');
    expect(errors).toEqual([]);
    expect(config?.route.length).toBe(2_000);
  }, 30_000);

  test("a chain of 100 files", () => {
    for (let i = 0; i < 100; i++) write(`${i}.toml`, `include = ["${i + 1}.toml"]\n`);
    const { errors } = check('include = ["sub/0.toml"]\n');
    expect(errors.map(({ message }) => message)).toEqual([
      "files include each other more than 16 deep",
    ]);
  });

  test("each file twice, twelve deep: more files than are read", () => {
    for (let i = 0; i < 13; i++) {
      const next = i < 12 ? `"twice-${i + 1}.toml"` : "";
      write(`twice-${i}.toml`, `include = [${next === "" ? "" : `${next}, ${next}`}]\n`);
    }
    const { errors } = check('include = ["sub/twice-0.toml"]\n');
    expect(errors.map(({ message }) => message)).toEqual(["more than 5000 files are included"]);
  }, 30_000);
});
