import * as z from "zod";
import { isSecret, membersOf, unwrap } from "./walk.ts";

const KNOWN = new WeakMap<z.ZodType, ReadonlySet<string>>();

/** The keys of a schema whose values must not be shown, wherever they stand. */
export function secretKeys(schema: z.ZodType): ReadonlySet<string> {
  let keys = KNOWN.get(schema);
  if (keys === undefined) KNOWN.set(schema, (keys = collect(schema, new Set())));
  return keys;
}

function collect(schema: z.ZodType, keys: Set<string>): ReadonlySet<string> {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) {
    for (const [key, child] of Object.entries(inner.shape)) {
      if (isSecret(child as z.ZodType)) keys.add(key);
      collect(child as z.ZodType, keys);
    }
  } else if (inner instanceof z.ZodArray) {
    collect(inner.element as z.ZodType, keys);
  } else if (inner instanceof z.ZodRecord) {
    collect(inner.valueType as z.ZodType, keys);
  } else if (inner instanceof z.ZodUnion) {
    for (const member of membersOf(inner)) collect(member, keys);
  }
  return keys;
}
