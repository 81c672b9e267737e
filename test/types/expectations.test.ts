import { expect, test } from "bun:test";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const fixtures = join(import.meta.dir, "fixtures");

/** `file:line` of every line that says in a comment which errors it may be. */
function expectations(): Map<string, string[]> {
  const expected = new Map<string, string[]>();
  for (const file of readdirSync(fixtures)) {
    const lines = readFileSync(join(fixtures, file), "utf8").split("\n");
    for (const [index, line] of lines.entries()) {
      const codes = /\/\/ (TS\d+(?: TS\d+)*)$/.exec(line)?.[1];
      if (codes !== undefined) expected.set(`${file}:${index + 1}`, codes.split(" "));
    }
  }
  return expected;
}

/** What the compiler says of the fixtures, as `[file:line, code]`. */
async function errors(): Promise<[place: string, code: string][]> {
  const tsc = join(import.meta.dir, "../../node_modules/.bin/tsc");
  const child = Bun.spawn([tsc, "-p", import.meta.dir, "--pretty", "false"], {
    stdout: "pipe",
    stderr: "inherit",
    timeout: 120_000,
  });
  const text = await new Response(child.stdout).text();
  await child.exited;
  expect(child.signalCode).toBeNull();
  const found = [...text.matchAll(/^(.*?)\((\d+),\d+\): error (TS\d+)/gm)];
  return found
    .filter(([, file]) => file?.includes("fixtures/"))
    .map(([, file, line, code]) => [`${file?.split("/").at(-1)}:${line}`, code as string]);
}

test("what is wrong is an error at its line, and what is right is none", async () => {
  const expected = expectations();
  expect(expected.size).toBeGreaterThan(25);
  const found = await errors();
  const places = [...new Set(found.map(([place]) => place))];
  expect(places.toSorted()).toEqual([...expected.keys()].toSorted());
  const otherwise = found.filter(([place, code]) => !expected.get(place)?.includes(code));
  expect(otherwise).toEqual([]);
}, 150_000);
