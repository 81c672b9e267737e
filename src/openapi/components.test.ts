import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { Components } from "./components.ts";
import type { JsonSchemaObject } from "./json-schema.ts";

/** What becomes of JSON Schemas, one after the other, in one document. */
function place(...schemas: JsonSchemaObject[]) {
  const components = new Components();
  const placed = schemas.map((schema) => components.jsonSchema(schema, "input", "Hint"));
  return { placed, schemas: components.toObject()?.schemas };
}

describe("a schema", () => {
  test("without names stays where it is", () => {
    const schema = { type: "array", items: { type: "string" } };
    expect(place({ $schema: "x", $id: "y", ...schema })).toEqual({
      placed: [schema],
      schemas: undefined,
    });
  });

  test("takes what it refers to into the components, once", () => {
    const $defs = { User: { type: "object", properties: { id: {} } }, Unused: {} };
    const user = { $ref: "#/components/schemas/User" };
    expect(
      place({ $ref: "#/$defs/User", $defs }, { items: { $ref: "#/$defs/User" }, $defs }),
    ).toEqual({ placed: [user, { items: user }], schemas: { User: $defs.User } });
  });

  test("of the same name and another content has another name", () => {
    const of = (type: string) => ({ $ref: "#/$defs/A", $defs: { A: { type } } });
    const { placed, schemas } = place(of("string"), of("number"), of("boolean"), of("number"));
    expect(placed.map((one) => (one as { $ref: string }).$ref.split("/").at(-1))).toEqual([
      "A",
      "AInput",
      "AInput2",
      "AInput",
    ]);
    expect(schemas).toEqual({
      A: { type: "string" },
      AInput: { type: "number" },
      AInput2: { type: "boolean" },
    });
  });

  test("that differs only in what it refers to is another one", () => {
    const of = (type: string) => ({
      $ref: "#/$defs/A",
      $defs: { A: { items: { $ref: "#/$defs/B" } }, B: { type } },
    });
    const { schemas } = place(of("string"), of("number"));
    expect(schemas?.["AInput"]).toEqual({ items: { $ref: "#/components/schemas/BInput" } });
  });

  test("that refers to itself as a whole is a component", () => {
    const tree = { type: "object", properties: { parts: { items: { $ref: "#" } } } };
    const self = { $ref: "#/components/schemas/Hint" };
    expect(place(tree)).toEqual({
      placed: [self],
      schemas: { Hint: { type: "object", properties: { parts: { items: self } } } },
    });
  });

  test("that refers to a part of itself finds it there", () => {
    const { schemas } = place({ properties: { a: {}, b: { $ref: "#/properties/a" } } });
    expect(schemas?.["Hint"]).toMatchObject({
      properties: { b: { $ref: "#/components/schemas/Hint/properties/a" } },
    });
  });

  test("that is the same by made-up names is the same", () => {
    const tree = (name: string) => ({
      items: { $ref: `#/$defs/${name}` },
      $defs: { [name]: { properties: { parts: { $ref: `#/$defs/${name}` } } } },
    });
    const { placed, schemas } = place(tree("__schema0"), tree("__schema3"));
    expect(placed[0]).toEqual(placed[1] as never);
    expect(Object.keys(schemas ?? {})).toEqual(["Hint"]);
  });

  test("with a title that is a name is a component, but for one with a sentence", () => {
    const named = { title: "Pet", type: "object" };
    const told = { title: "The pet's name", type: "string" };
    expect(place({ properties: { named, told } })).toEqual({
      placed: [{ properties: { named: { $ref: "#/components/schemas/Pet" }, told } }],
      schemas: { Pet: named },
    });
  });

  test("that refers to nothing is any value", () => {
    expect(place({ $ref: "#/$defs/Gone", description: "d" }).placed).toEqual([
      { description: "d" },
    ]);
    expect(place({ $ref: "#/$defs/__proto__", $defs: {} }).placed).toEqual([{}]);
  });

  test("keeps references to elsewhere, and values that only look like them", () => {
    const elsewhere = { $ref: "https://example.com/schema.json" };
    const example = { $ref: "#/$defs/A", title: "Pet" };
    const schema = {
      anyOf: [elsewhere, true],
      default: example,
      examples: [example],
      enum: [example],
    };
    expect(place(schema)).toEqual({ placed: [schema], schemas: undefined });
  });

  test("may have names that need escapes, or are those of prototypes", () => {
    const $defs = { "a/b ~c": { type: "string" }, constructor: { type: "number" } };
    const properties = JSON.parse('{"__proto__": {"$ref": "#/$defs/a~1b%20~0c"}}') as object;
    const { placed, schemas } = place({
      properties,
      items: { $ref: "#/$defs/constructor" },
      $defs,
    });
    expect(JSON.stringify(placed[0])).toBe(
      '{"properties":{"__proto__":{"$ref":"#/components/schemas/a_b_c"}},"items":{"$ref":"#/components/schemas/constructor"}}',
    );
    expect(Object.keys(schemas ?? {})).toEqual(["a_b_c", "constructor"]);
  });
});

test("what differs between taking and giving has two names", () => {
  const components = new Components();
  const user = z.object({ name: z.string().default("x") }).meta({ id: "User" });
  const plain = z.object({ id: z.number() }).meta({ id: "Plain" });
  for (const schema of [user, plain]) {
    components.schema(schema, "output", "");
    components.schema(schema, "input", "");
  }
  expect(Object.keys(components.toObject()?.schemas ?? {})).toEqual(["Plain", "User", "UserInput"]);
});

test("security schemes of one name and two kinds are two", () => {
  const components = new Components();
  const basic = { type: "http", scheme: "basic" } as const;
  const bearer = { type: "http", scheme: "bearer" } as const;
  const names = [basic, bearer, basic].map((scheme) => components.securityScheme("auth", scheme));
  expect(names).toEqual(["auth", "auth2", "auth"]);
});
