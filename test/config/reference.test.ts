import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import { z } from "zod";
import { commandReference } from "../../src/cli/reference.ts";
import { jsonSchema } from "../../src/config/json-schema.ts";
import { configReference } from "../../src/config/reference.ts";
import { configSchema } from "../../src/config/schema/config.ts";
import { membersOf, notesFor, unwrap } from "../../src/config/schema/walk.ts";

test("docs/reference/config.md is up to date: run bun scripts/reference.ts", () => {
  const page = readFileSync(join(import.meta.dir, "../../docs/reference/config.md"), "utf8");
  expect(page).toBe(configReference());
});

test("docs/reference/commands.md is up to date: run bun scripts/reference.ts", async () => {
  const page = readFileSync(join(import.meta.dir, "../../docs/reference/commands.md"), "utf8");
  expect(page).toBe(await commandReference());
});

/** Every key with its schema. */
function* keys(schema: z.ZodType, path: string[] = []): Generator<[string, z.ZodType]> {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) {
    for (const [key, child] of Object.entries(inner.shape)) {
      const at = [...path, key];
      yield [at.join("."), child as z.ZodType];
      yield* keys(child as z.ZodType, at);
    }
  } else if (inner instanceof z.ZodArray) {
    yield* keys(inner.element as z.ZodType, path);
  } else if (inner instanceof z.ZodDiscriminatedUnion) {
    for (const member of membersOf(inner)) yield* keys(member, path);
  }
}

describe("every key says what it is", () => {
  for (const [name, schema] of keys(configSchema)) {
    const notes = notesFor(schema);
    test(name, () => {
      expect(notes?.description).toMatch(/^.+\.$/);
      if (notes?.example === undefined) return;
      const { example } = parse(`example = ${notes.example}`);
      expect(schema.safeParse(example).success).toBe(true);
    });
  }
});

test("keys that are not tables have an example", () => {
  const without = [...keys(configSchema)]
    .filter(([, schema]) => notesFor(schema)?.example === undefined)
    .map(([name]) => name);
  const tables = without.filter((name) =>
    [...keys(configSchema)].some(([other]) => other.startsWith(`${name}.`)),
  );
  expect(without).toEqual(tables);
});

test("the JSON Schema knows descriptions, defaults and limits", () => {
  const schema = jsonSchema() as any;
  expect(schema.additionalProperties).toBe(false);
  expect(schema.properties.server.properties.port).toMatchObject({
    type: "integer",
    minimum: 0,
    maximum: 65_535,
    default: 8080,
  });
  expect(schema.properties.server.properties.port.description).toContain("TCP");
  expect(schema.required).toBeUndefined();
  expect(schema.properties.route.items.properties.action.oneOf).toHaveLength(8);
});
