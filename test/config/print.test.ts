import { expect, test } from "bun:test";
import { parse } from "smol-toml";
import * as z from "zod";
import { ConfigTree } from "../../src/config/config-tree.ts";
import { printConfig } from "../../src/config/print.ts";
import { configSchema } from "../../src/config/schema/config.ts";
import { membersOf, notesFor, unwrap } from "../../src/config/schema/walk.ts";
import { formatToml } from "../../src/config/toml/format.ts";

/** A value with every key, each with its example. A list of unions has one item for each member. */
function everyKey(schema: z.ZodType): unknown[] {
  const inner = unwrap(schema);
  const example = notesFor(schema)?.example;
  if (example !== undefined) return [parse(`example = ${example}`)["example"]];
  if (inner instanceof z.ZodArray) return [everyKey(inner.element as z.ZodType)];
  if (inner instanceof z.ZodDiscriminatedUnion) return membersOf(inner).flatMap(everyKey);
  if (!(inner instanceof z.ZodObject)) throw new Error("a key has no example");
  let values: Record<string, unknown>[] = [{}];
  for (const [key, child] of Object.entries(inner.shape)) {
    const choices = everyKey(child as z.ZodType);
    values = choices.flatMap((choice) => values.map((value) => ({ ...value, [key]: choice })));
  }
  return values;
}

test("a configuration with every key is printed and read again without loss", () => {
  const [value] = everyKey(configSchema);
  const config = configSchema.parse(value);
  expect([...new Set(config.route.map((route) => route.action.type))]).toEqual([
    "static",
    "redirect",
    "respond",
    "app",
    "proxy",
    "split",
    "mirror",
    "wasm",
  ]);
  const tree = new ConfigTree(value as Record<string, unknown>);
  const printed = printConfig(config, { tree, references: new Map() });
  expect(configSchema.parse(parse(printed))).toEqual({ ...config, include: [] });
  expect(parse(formatToml(printed))).toEqual(parse(printed));
});

test("without defaults nothing is left out either", () => {
  const config = configSchema.parse({ route: [{ action: { type: "static", root: "/srv" } }] });
  const printed = printConfig(config, { tree: new ConfigTree(), references: new Map() });
  expect(configSchema.parse(parse(printed))).toEqual(config);
});
