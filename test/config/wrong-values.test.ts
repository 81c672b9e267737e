import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "smol-toml";
import * as z from "zod";
import { loadConfig } from "../../src/config/load.ts";
import type { KeyPath } from "../../src/config/path-key.ts";
import { showPath } from "../../src/config/path-key.ts";
import { configSchema } from "../../src/config/schema/config.ts";
import { discriminator, membersOf, unwrap } from "../../src/config/schema/walk.ts";

/**
 * Every key of the configuration is given a value that it cannot have, and `wrong-values.txt` has what is said of it.
 * `UPDATE_GOLDEN=1 bun test ./test/config/wrong-values.test.ts` writes it anew: read the difference.
 */
const golden = join(import.meta.dir, "wrong-values.txt");
const update = process.env["UPDATE_GOLDEN"] === "1";

interface Key {
  /** As the configuration has it, lists of tables with their first. */
  readonly path: KeyPath;
  readonly schema: z.ZodType;
  /** The types that tables around it have to be. */
  readonly types: readonly (readonly [path: KeyPath, value: unknown])[];
}

/** Every key, each member of a union for itself. */
function* keysOf(schema: z.ZodType, path: KeyPath = [], types: Key["types"] = []): Generator<Key> {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) {
    for (const [key, child] of Object.entries(inner.shape as Record<string, z.ZodType>)) {
      yield { path: [...path, key], schema: child, types };
      yield* keysOf(child, [...path, key], types);
    }
  } else if (inner instanceof z.ZodArray) {
    yield* keysOf(inner.element as z.ZodType, [...path, 0], types);
  } else if (inner instanceof z.ZodDiscriminatedUnion) {
    const by = inner.def.discriminator;
    for (const member of membersOf(inner)) {
      yield* keysOf(member, path, [...types, [[...path, by], discriminator(member, by)]]);
    }
  } else if (inner instanceof z.ZodUnion) {
    for (const member of membersOf(inner)) yield* keysOf(member, path, types);
  }
}

const CANDIDATES = [5, -1, 1e15, "nonsense", "", [5], { nonsense: 5 }, true, Infinity];

/** Something that it is not: of numbers and choices preferably one of the right type. */
function wrongFor(schema: z.ZodType): unknown {
  const inner = unwrap(schema);
  const byType =
    inner instanceof z.ZodNumber
      ? [-1, 1e15]
      : inner instanceof z.ZodBoolean || inner instanceof z.ZodEnum || inner instanceof z.ZodLiteral
        ? ["nonsense"]
        : [];
  const wrong = [...byType, ...CANDIDATES].find((value) => !schema.safeParse(value).success);
  expect(wrong).toBeDefined();
  return wrong;
}

function put(root: Record<string, unknown>, path: KeyPath, value: unknown): void {
  let at: Record<string | number, unknown> = root;
  for (const [index, part] of path.slice(0, -1).entries()) {
    at[part] ??= typeof path[index + 1] === "number" ? [] : {};
    at = at[part] as Record<string | number, unknown>;
  }
  at[path.at(-1) as string | number] = value;
}

test("a wrong value of every key is a diagnostic that names it", () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-wrong-"));
  const lines = new Set<string>();
  try {
    for (const { path, schema, types } of keysOf(configSchema)) {
      const value = {};
      for (const [place, type] of types) put(value, place, type);
      put(value, path, wrongFor(schema));
      writeFileSync(join(folder, "sluice.toml"), stringify(value));
      const { diagnostics, config } = loadConfig({ file: "sluice.toml", cwd: folder, env: {} });
      const name = showPath(path);
      const said = diagnostics
        .filter(({ message }) => message.startsWith(`${name} `) || message.includes(` in ${name}`))
        .map(({ message }) => message.replaceAll(folder, "<folder>"));
      expect({ name, types, said: said.length > 0, config }).toMatchObject({
        said: true,
        config: undefined,
      });
      for (const message of said) lines.add(message);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const text = `${[...lines].join("\n")}\n`;
  if (update) writeFileSync(golden, text);
  expect(text).toBe(readFileSync(golden, "utf8"));
}, 60_000);
