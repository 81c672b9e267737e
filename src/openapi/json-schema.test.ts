import { describe, expect, test } from "bun:test";
import { z } from "zod";
import type { Schema } from "../core/spec/standard-schema.ts";
import { toJsonSchema } from "./json-schema.ts";

/** A schema of a library that answers with this. */
function schemaOf(make?: (options: { target: string }) => unknown): Schema {
  const jsonSchema = make && { input: make, output: make };
  const validate = (value: unknown) => ({ value });
  return { "~standard": { version: 1, vendor: "test", validate, jsonSchema } } as never;
}

function refusing(): never {
  throw new Error("cannot be represented");
}

describe("any value stands for", () => {
  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;
  test.each([
    ["a library without JSON Schema", schemaOf()],
    ["one that refuses", schemaOf(refusing)],
    ["a boolean schema", schemaOf(() => true)],
    ["nothing", schemaOf(() => undefined)],
    ["a list", schemaOf(() => [])],
    ["a cycle", schemaOf(() => cycle)],
    ["a bigint", schemaOf(() => ({ const: 5n }))],
  ])("%s", (_, schema) => {
    expect(toJsonSchema(schema, "input")).toEqual({});
  });
});

test("a library that refuses our advice is asked without", () => {
  const schema = schemaOf((options) => {
    if ("libraryOptions" in options) throw new Error("unknown option");
    return { type: "string", target: options.target };
  });
  expect(toJsonSchema(schema, "output")).toEqual({ type: "string", target: "draft-2020-12" });
});

test("what is given is a copy", () => {
  const own = { type: "string" };
  expect(
    toJsonSchema(
      schemaOf(() => own),
      "input",
    ),
  ).not.toBe(own);
});

describe("of zod", () => {
  const both = (schema: Schema) => {
    const { $schema: _in, ...input } = toJsonSchema(schema, "input");
    const { $schema: _out, ...output } = toJsonSchema(schema, "output");
    return [input, output];
  };
  const same = (one: object) => [one, one];

  test.each([
    ["a date", z.date(), same({ type: "string", format: "date-time" })],
    ["a bigint", z.bigint(), same({ type: "integer", format: "int64" })],
    ["an integer", z.number().int(), same({ type: "integer" })],
    ["an integer with bounds", z.int().max(9), same({ type: "integer", maximum: 9 })],
    ["an object", z.object({}), same({ type: "object", properties: {} })],
    [
      "a strict object",
      z.strictObject({}),
      same({ type: "object", properties: {}, additionalProperties: false }),
    ],
    ["a transform", z.string().transform(Number), [{ type: "string" }, {}]],
    ["a pipe", z.string().pipe(z.coerce.number()), [{ type: "string" }, { type: "number" }]],
    ["a map, which has no form", z.map(z.string(), z.string()), same({})],
    ["a symbol", z.symbol(), same({})],
    ["nothing", z.undefined(), same({})],
  ] as const)("%s", (_, schema, expected) => {
    expect(both(schema)).toEqual(expected as never);
  });

  test("a part without a form leaves the others as they are", () => {
    const schema = z.object({ a: z.string(), b: z.set(z.string()).default(new Set()) });
    const [input] = both(schema);
    expect(input).toMatchObject({ properties: { a: { type: "string" } }, required: ["a"] });
  });
});
