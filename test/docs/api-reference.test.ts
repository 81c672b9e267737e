import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apiPages } from "../../scripts/api-pages.ts";
import { findExports } from "../../scripts/declarations.ts";
import { tsdocMarkdown } from "../../scripts/tsdoc-markdown.ts";

const reference = join(import.meta.dir, "../../docs/reference/api");
const folder = mkdtempSync(join(tmpdir(), "sluice-declarations-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("docs/reference/api is up to date: run bun scripts/api-reference.ts", async () => {
  const pages = await apiPages();
  expect(readdirSync(reference).toSorted()).toEqual([...pages.keys()].toSorted());
  const old = [...pages].filter(
    ([name, text]) => readFileSync(join(reference, name), "utf8") !== text,
  );
  expect(old.map(([name]) => name)).toEqual([]);
}, 120_000);

test("every function and class of the entry points has its comment", () => {
  const sections = readdirSync(reference).flatMap((name) => {
    const [values = ""] = readFileSync(join(reference, name), "utf8").split("\n## Types\n");
    return values.split("\n### ").slice(1);
  });
  expect(sections.length).toBeGreaterThan(80);
  const silent = sections.filter((text) => /```\s*$/.test(text) && text.split("```").length === 3);
  expect(silent.map((text) => text.split("\n", 1)[0])).toEqual([]);
});

test("declarations are found by name, overloads together, with what is passed on", () => {
  mkdirSync(join(folder, "deep"));
  const files = {
    "index.d.ts": [
      'export { twice as double, Box } from "./deep/a.ts";',
      'export type { Wide, Far } from "./deep/a.ts";',
    ],
    "deep/a.d.ts": [
      'import type { Far } from "./b.ts";',
      'export { Far } from "./b.ts";',
      "/** Of a number. */",
      "export declare function twice(value: number): number;",
      "/**",
      " * Of text.",
      " */",
      "export declare function twice(value: string): string;",
      "/** Inside. */",
      "interface Hidden {",
      "    readonly a: 1;",
      "}",
      "export declare class Box {",
      "    #private;",
      "    /** What is in it. */",
      "    get(): {",
      "        a: 1;",
      "    };",
      "}",
      "export type Wide = {",
      "    a: Hidden;",
      "};",
      "export {};",
    ],
    "deep/b.d.ts": ["export interface Far {", "}"],
  };
  for (const [name, lines] of Object.entries(files)) {
    writeFileSync(join(folder, name), lines.join("\n"));
  }
  expect(findExports(join(folder, "index.d.ts"))).toEqual([
    {
      name: "double",
      isType: false,
      declarations: [
        { doc: "Of a number.", signature: "function double(value: number): number;" },
        { doc: "Of text.", signature: "function double(value: string): string;" },
      ],
    },
    {
      name: "Box",
      isType: false,
      declarations: [
        {
          doc: "",
          signature: "class Box {\n  /** What is in it. */\n  get(): {\n    a: 1;\n  };\n}",
        },
      ],
    },
    {
      name: "Wide",
      isType: true,
      declarations: [{ doc: "", signature: "type Wide = {\n  a: Hidden;\n};" }],
    },
    { name: "Far", isType: true, declarations: [{ doc: "", signature: "interface Far {\n}" }] },
  ]);
  writeFileSync(join(folder, "bad.d.ts"), 'export { missing } from "./deep/b.ts";');
  expect(() => findExports(join(folder, "bad.d.ts"))).toThrow("does not declare missing");
});

test("a comment becomes Markdown", () => {
  const comment = [
    "Reads {@link Box}, a `Map<string>` or",
    "List<T>.",
    "",
    "Twice.",
    "@param name what",
    "  it is",
    "@returns the box @throws TypeError never",
    "@example",
    "const a = 1;",
    "const b = 2;",
  ];
  expect(tsdocMarkdown(comment.join("\n"))).toBe(
    [
      "Reads `Box`, a `Map<string>` or List&lt;T>.",
      "",
      "Twice.",
      "",
      "- `name`: what it is",
      "- Returns the box",
      "- Throws TypeError never",
      "",
      "```ts",
      "const a = 1;",
      "const b = 2;",
      "```",
      "",
    ].join("\n"),
  );
});
