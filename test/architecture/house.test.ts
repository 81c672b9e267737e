import { describe, expect, test } from "bun:test";
import { importsOf, inspect, readHouse } from "./house.ts";

const root = new URL("../../src", import.meta.url).pathname;

test("the house stands as DESIGN says", () => {
  const files = readHouse(root);
  expect(files.length).toBeGreaterThan(40);
  expect(inspect(files)).toEqual([]);
});

describe("the inspector sees", () => {
  const house = (path: string, text: string) => inspect([{ path, text }]);

  test("an import upwards, in every form", () => {
    for (const text of [
      'import { a } from "../server/a.ts";',
      'import type { A } from "../server/a.ts";',
      'const a = await import("../server/a.ts");',
      'import "../server/a.ts";',
      'import {\n  a,\n} from "../server/a.ts";',
      'type A = import("../server/a.ts").A;',
      'const every = "/*";\nawait import("../server/a.ts"); // */',
    ]) {
      expect(house("core/b.ts", text)).toEqual(["core/b.ts: imports server/a.ts, a floor above"]);
    }
  });

  test("no harm in an import downwards or in a comment", () => {
    expect(house("server/b.ts", 'import { a } from "../core/a.ts";')).toEqual([]);
    expect(importsOf('// import { a } from "../server/a.ts";')).toEqual([]);
  });

  test("a runtime behind a portable room, reached through others", () => {
    const files = [
      { path: "core/a.ts", text: 'import { b } from "../runtime/b.ts";' },
      { path: "runtime/b.ts", text: 'import { c } from "node:fs";\nBun.sleep(1);' },
    ];
    expect(inspect(files)).toEqual([
      "runtime/b.ts: imports node:fs, reached from core/a.ts",
      "runtime/b.ts: uses the global Bun, reached from core/a.ts",
    ]);
  });

  test("a runtime under any name, and none where it is only spoken of", () => {
    const globals = [
      'x(Bun["file"])',
      "const { file } = Bun",
      "x = globalThis.Bun",
      "process.exit()",
    ];
    for (const text of globals) expect(house("http/a.ts", text)).toHaveLength(1);
    for (const text of ['import "fs";', 'import { a } from "bun";', 'import "node:net";'])
      expect(house("wire/a.ts", text)).toHaveLength(1);
    const harmless =
      '/** Bun.file */\nlet a: typeof Bun; // Bun\nthrow new Error("Bun is missing");';
    expect(house("core/a.ts", `${harmless}\nthis.process(a);`)).toEqual([]);
    expect(house("runtime/a.ts", "Bun.sleep(1);")).toEqual([]);
  });

  test("the way out of the house and back in by the front door", () => {
    expect(house("core/a.ts", 'import { a } from "../../test/a.ts";')).toEqual([
      "core/a.ts: imports ../test/a.ts, outside of src/",
    ]);
    expect(house("core/a.ts", 'import { serve } from "sluice/server";')).toEqual([
      "core/a.ts: imports sluice/server, the package itself",
    ]);
  });

  test("a re-export in every form", () => {
    for (const text of [
      'export * from "./b.ts";',
      'export * as b from "./b.ts";',
      'export type { B } from "./b.ts";',
      'import { b } from "./b.ts";\nexport { b };',
      'import { b as c } from "./b.ts";\nexport {\n  c as d,\n};',
    ])
      expect(house("core/a.ts", text)).toEqual(["core/a.ts: re-exports, and is no entry point"]);
    expect(house("core/a.ts", 'import { b } from "./b.ts";\nconst c = b;\nexport { c };')).toEqual(
      [],
    );
    expect(house("index.ts", 'export * from "./core/b.ts";')).toEqual([]);
  });

  test("work that was left unfinished", () => {
    for (const word of ["TO" + "DO", "FIX" + "ME"])
      expect(house("core/a.ts", `// ${word}: later`)).toEqual(["core/a.ts: holds unfinished work"]);
  });

  test("a re-export outside the entry points, a bad name, an unknown room, a long file", () => {
    expect(house("core/a.ts", 'export { b } from "./b.ts";')).toEqual([
      "core/a.ts: re-exports, and is no entry point",
    ]);
    expect(house("core/aB.ts", "")).toEqual(["core/aB.ts: name is not kebab-case"]);
    expect(house("attic/a.ts", "")).toEqual(["attic/a.ts: attic/ is no room of the house"]);
    expect(house("core/a.ts", "\n".repeat(400))).toEqual([
      "core/a.ts: 401 lines; look for the seam",
    ]);
  });
});
