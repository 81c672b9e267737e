import * as z from "zod";
import { membersOf, unwrap } from "./walk.ts";

/** The path of every key of a schema; what is in a list of tables has the list's own path before it. */
export function keyPaths(schema: z.ZodType): string[][] {
  const paths: string[][] = [];
  collect(schema, [], paths, true);
  return paths;
}

/** Only keys that are not in a list: those that a single variable or flag can set. */
export function settablePaths(schema: z.ZodType): string[][] {
  const paths: string[][] = [];
  collect(schema, [], paths, false);
  // Files are included while they are read, before anything else is known.
  return paths.filter((path) => path[0] !== "include" && isLeaf(schema, path));
}

function collect(schema: z.ZodType, path: string[], out: string[][], lists: boolean): void {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) {
    for (const [key, child] of Object.entries(inner.shape)) {
      out.push([...path, key]);
      collect(child as z.ZodType, [...path, key], out, lists);
    }
  } else if (lists && inner instanceof z.ZodArray) {
    collect(inner.element as z.ZodType, path, out, lists);
  } else if (lists && inner instanceof z.ZodUnion) {
    for (const member of membersOf(inner)) collect(member, path, out, lists);
  }
}

function isLeaf(root: z.ZodType, path: readonly string[]): boolean {
  let schema = unwrap(root);
  for (const part of path) {
    if (!(schema instanceof z.ZodObject)) return false;
    schema = unwrap((schema.shape as Record<string, z.ZodType>)[part] as z.ZodType);
  }
  if (schema instanceof z.ZodArray)
    return !(unwrap(schema.element as z.ZodType) instanceof z.ZodObject);
  return !(schema instanceof z.ZodObject);
}
