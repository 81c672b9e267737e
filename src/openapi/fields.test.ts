import { expect, test } from "bun:test";
import { fieldsOf } from "./fields.ts";
import type { JsonSchemaObject } from "./json-schema.ts";

const names = (schema: JsonSchemaObject) =>
  fieldsOf(schema).map(({ name, required }) => (required ? name : `${name}?`));

test("an object has its properties", () => {
  expect(names({ properties: { a: {}, b: true }, required: ["b"] })).toEqual(["a?", "b"]);
});

test("allOf adds up", () => {
  const one = { properties: { a: {} }, required: ["a"] };
  expect(names({ allOf: [one, { properties: { a: {}, b: {} } }] })).toEqual(["a", "b?"]);
});

test("of alternatives a field is required when all have it", () => {
  const a = { properties: { kind: { const: "a" }, x: {} }, required: ["kind", "x"] };
  const b = { properties: { kind: { const: "b" } }, required: ["kind"] };
  expect(names({ oneOf: [a, b] })).toEqual(["kind", "x?"]);
  expect(fieldsOf({ anyOf: [a, b] })[0]?.schema).toEqual({
    anyOf: [{ const: "a" }, { const: "b" }],
  });
});

test("references are followed, and cycles end", () => {
  const $defs = { A: { properties: { a: {} }, allOf: [{ $ref: "#/$defs/A" }] } };
  expect(names({ $ref: "#/$defs/A", $defs })).toEqual(["a?"]);
});

test("what is no object has none", () => {
  for (const schema of [{}, { type: "string" }, { $ref: "#/$defs/gone" }, { properties: [] }]) {
    expect(fieldsOf(schema as JsonSchemaObject)).toEqual([]);
  }
});
