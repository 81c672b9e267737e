import * as z from "zod";
import { discriminator, membersOf, notesFor, unwrap } from "../../src/config/schema/walk.ts";
import { tomlKey } from "../../src/config/write-toml.ts";

/** A key of the configuration, wherever it may stand. */
export interface Key {
  /** Without places in lists: `route.action.location.from`. */
  readonly path: readonly string[];
  /** As diagnostics name it: `route[1].action.location[1].from`. */
  readonly name: string;
  readonly schema: z.ZodType;
  /** `type = "proxy"` of the table it is in, where there are several kinds of that. */
  readonly kind: string | undefined;
  /** A configuration in which it has a value. */
  readonly config: (value: unknown) => Record<string, unknown>;
}

type Make = (value: unknown) => Record<string, unknown>;
type Place = Pick<Key, "path" | "name" | "kind">;

/** Every key of a schema. What stands in several places, as the same schema, is found in the first of them. */
export function everyKey(root: z.ZodType): Key[] {
  const keys: Key[] = [];
  const seen = new Set<z.ZodType>();
  const walk = (schema: z.ZodType, place: Place, make: Make): void => {
    const inner = unwrap(schema);
    if (inner instanceof z.ZodObject) {
      if (seen.has(inner)) return;
      seen.add(inner);
      for (const [key, value] of Object.entries(inner.shape)) {
        const child = value as z.ZodType;
        const path = [...place.path, key];
        const name = `${place.name}${place.name === "" ? "" : "."}${tomlKey(key)}`;
        const config: Make = (one) => make({ [key]: one });
        keys.push({ path, name, schema: child, kind: place.kind, config });
        walk(child, { path, name, kind: undefined }, config);
      }
    } else if (inner instanceof z.ZodArray) {
      const name = `${place.name}[1]`;
      walk(inner.element as z.ZodType, { ...place, name }, (one) => make([one]));
    } else if (inner instanceof z.ZodRecord) {
      walk(inner.valueType as z.ZodType, { ...place, name: `${place.name}.a` }, (one) =>
        make({ a: one }),
      );
    } else if (inner instanceof z.ZodDiscriminatedUnion) {
      const key = inner.def.discriminator;
      for (const member of membersOf(inner)) {
        const type = discriminator(member, key) as string;
        const kind = `${key} = ${JSON.stringify(type)}`;
        walk(member, { ...place, kind }, (one) => make({ [key]: type, ...(one as object) }));
      }
    } else if (inner instanceof z.ZodUnion) {
      for (const member of membersOf(inner)) walk(member, place, make);
    }
  };
  walk(root, { path: [], name: "", kind: undefined }, (one) => one as Record<string, unknown>);
  return keys;
}

/** Whether a key is for a table only, whose keys have examples of their own. */
export function isTable(schema: z.ZodType): boolean {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodArray) return isTable(inner.element as z.ZodType);
  return inner instanceof z.ZodObject || inner instanceof z.ZodDiscriminatedUnion;
}

/**
 * A value that a key cannot have: as near to one that it can have as its type tells.
 * @throws Error when there is none, as a key that may be anything says nothing
 */
export function wrongValue(schema: z.ZodType): unknown {
  const found = candidates(schema).find((value) => !schema.safeParse(value).success);
  if (found === undefined) throw new Error(`nothing is wrong for ${notesFor(schema)?.description}`);
  return found;
}

function candidates(schema: z.ZodType): unknown[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodNumber) {
    const { minValue, maxValue } = inner;
    const high = (maxValue ?? Infinity) < Number.MAX_SAFE_INTEGER ? [(maxValue as number) + 1] : [];
    const low = (minValue ?? -Infinity) > Number.MIN_SAFE_INTEGER ? [(minValue as number) - 1] : [];
    return [...high, ...low, "five"];
  }
  if (inner instanceof z.ZodBoolean) return ["yes"];
  if (inner instanceof z.ZodEnum || inner instanceof z.ZodLiteral) return ["wrong", 7];
  if (inner instanceof z.ZodString) return ["wrong value", "", "a\tb", 5];
  if (inner instanceof z.ZodArray) {
    const element = inner.element as z.ZodType;
    return isTable(element) ? ["wrong"] : [...candidates(element).map((one) => [one]), "wrong", []];
  }
  if (inner instanceof z.ZodUnion && !(inner instanceof z.ZodDiscriminatedUnion)) {
    return [...membersOf(inner).flatMap(candidates), true];
  }
  // Of all that TOML has, JSON has no infinity.
  return ["wrong", Infinity];
}
