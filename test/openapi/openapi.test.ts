import { readFileSync, writeFileSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, test } from "bun:test";
import { App } from "../../src/index.ts";
import { describeRoutes, openapi } from "../../src/openapi/openapi.ts";
import { shop } from "./shop.ts";

const info = {
  title: "Shop",
  version: "1.2.0",
  summary: "Everything at once",
  description: "For *tests*.",
  license: { name: "MIT" },
  servers: [{ url: "https://shop.example.com", description: "The real one" }],
  tags: [{ name: "stock", description: "What there is" }],
  externalDocs: { url: "https://example.com/docs" },
};
const document = openapi(shop, info);
const golden = new URL("shop.openapi.json", import.meta.url);

/** What the official schema of OpenAPI 3.1 finds wrong. */
async function problemsOf(one: object): Promise<unknown> {
  const { valid, errors } = await new Validator().validate(structuredClone(one) as never);
  return valid ? [] : errors;
}

describe("a document of every kind of declaration", () => {
  test("is valid by the official schema", async () => {
    expect(await problemsOf(document)).toEqual([]);
  });

  test("and the schema sees what is not", async () => {
    const broken = structuredClone(document) as unknown as { paths: Record<string, unknown> };
    broken.paths["/products"] = { get: { operationId: 7 } };
    expect(await problemsOf(broken)).not.toEqual([]);
  });

  test("is the one that was reviewed", () => {
    const written = `${JSON.stringify(document, undefined, 2)}\n`;
    // UPDATE_GOLDEN=1 bun test ./test/openapi writes it anew, to be read before it is committed.
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(golden, written);
    expect(JSON.parse(written)).toEqual(JSON.parse(readFileSync(golden, "utf8")));
  });

  test("refers only to what it has", () => {
    const refs = JSON.stringify(document).match(/"\$ref":"[^"]+"/g) ?? [];
    expect(refs.length).toBeGreaterThan(20);
    for (const one of new Set(refs)) {
      const { $ref } = JSON.parse(`{${one}}`) as { $ref: string };
      const found = $ref
        .slice(2)
        .split("/")
        .reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], document);
      expect([$ref, found]).toEqual([$ref, expect.anything()]);
    }
  });

  test("has an id for each operation, and every parameter of each path", () => {
    const ids: string[] = [];
    for (const [path, item] of Object.entries(document.paths)) {
      for (const operation of Object.values(item)) {
        ids.push(operation.operationId);
        const named = (operation.parameters ?? []).filter((one) => one.in === "path");
        const inPath = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name);
        expect(named.map(({ name }) => name)).toEqual(inPath as string[]);
      }
    }
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("names what it has no place for", () => {
    const { omissions } = describeRoutes(shop.routes(), info);
    expect(omissions.map(({ method, route, why }) => `${method} ${route.path}: ${why}`)).toEqual([
      "PURGE /products: OpenAPI 3.1 does not have this method",
      "GET /products/:slug{[a-z]+}: OpenAPI cannot tell it from GET /products/{id}, which is in the document",
    ]);
  });
});

describe("openapi", () => {
  test("leaves out hidden routes and those that declare nothing but their path", () => {
    const { paths } = document;
    expect(Object.keys(paths)).not.toContain("/hidden");
    expect(Object.keys(paths)).not.toContain("/anything");
    expect(Object.keys(paths["/hook"] ?? {})).toEqual(["get", "put", "post", "delete", "patch"]);
  });

  test("describes an App without routes", async () => {
    const empty = openapi(new App(), { title: "Nothing", version: "0" });
    expect(empty).toEqual({
      openapi: "3.1.1",
      info: { title: "Nothing", version: "0" },
      paths: {},
    });
    expect(await problemsOf(empty)).toEqual([]);
  });

  test("says what is missing of its options", () => {
    expect(() => openapi(new App(), { version: "1" } as never)).toThrow(
      'openapi: give a title, as in { title: "Users", version: "1.0.0" }',
    );
  });

  test("takes an App of another copy of the package", () => {
    const foreign = { routes: () => shop.routes() };
    expect(openapi(foreign, info)).toEqual(document);
  });
});
