import { expect, test } from "bun:test";
import { z } from "zod";
import { App, form, json } from "../../src/index.ts";
import { openapi } from "../../src/openapi/openapi.ts";
import type { Random } from "../support/random.ts";
import { seededRandom } from "../support/random.ts";

const SEEDS = 120;
const ids = ["A", "B", "A b/c", "__schema0", "constructor"];

/** A schema of some kind, of whatever zod has. */
function randomSchema(random: Random, registry: Set<string>, depth = 0): z.ZodType {
  const inner = () => randomSchema(random, registry, depth + 1);
  const leaves: (() => z.ZodType)[] = [
    () => z.string().regex(/^a|b$/),
    () => z.coerce.number().int(),
    () => z.date(),
    () => z.bigint().default(5n),
    () => z.undefined(),
    () => z.nan(),
    () => z.symbol(),
    () => z.file(),
    () => z.literal(["a", 1, null, 7n]),
    () => z.stringbool(),
    () => z.custom(() => true),
    () => z.enum(["__proto__", "toString"]),
  ];
  const branches: (() => z.ZodType)[] = [
    () => z.object({ [random.pick(["a", "toString", "$ref", "$defs"])]: inner(), b: inner() }),
    () => z.strictObject({ a: inner() }),
    () => z.looseObject({ a: inner().optional() }),
    () => z.array(inner()),
    () => z.tuple([inner(), inner()], inner()),
    () => z.union([inner(), inner()]),
    () => z.intersection(z.object({ a: inner() }), z.object({ c: inner() })),
    () => z.record(z.string(), inner()),
    () => z.map(inner(), inner()),
    () => inner().nullable(),
    () => inner().optional(),
    () => inner().transform((value) => [value]),
    () => inner().readonly(),
    () => z.lazy(inner),
    () => {
      const self: z.ZodType = z.object({
        again: z.lazy(() => self.optional()),
        other: inner(),
      });
      return self;
    },
  ];
  const make = depth > 3 || random.below(3) === 0 ? random.pick(leaves) : random.pick(branches);
  const schema = make();
  const id = random.pick(ids);
  // An id may be given once in zod's registry.
  if (random.below(5) > 0 || registry.has(id)) return schema;
  registry.add(id);
  return schema.meta(random.below(2) === 0 ? { id, title: "T" } : { title: id });
}

test(`whatever the schemas, there is a document that refers only to what it has (${SEEDS} seeds)`, () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = seededRandom(seed);
    const registry = new Set<string>();
    const schema = () => randomSchema(random, registry);
    const app = new App()
      .get("/a/:a?", { params: schema(), query: schema(), headers: schema() }, () => "")
      .post("/b", { cookies: schema(), body: schema(), returns: schema() }, (): never => {
        throw new Error("never asked");
      })
      .put(
        "/c",
        { body: [json(schema()), form(schema())], returns: { 201: schema() } } as never,
        (): never => {
          throw new Error("never asked");
        },
      );
    let text: string;
    try {
      text = JSON.stringify(openapi(app, { title: "t", version: "1" }));
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    } finally {
      z.globalRegistry.clear();
    }
    const document = JSON.parse(text) as object;
    for (const [, ref] of text.matchAll(/"\$ref":"#\/([^"]*)"/g)) {
      const found = (ref as string)
        .split("/")
        .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document);
      expect([seed, ref, typeof found]).toEqual([seed, ref as string, "object"]);
    }
    expect(text).not.toContain("#/$defs/");
  }
}, 60_000);
