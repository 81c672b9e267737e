import * as z from "zod";
import { isRemovable, membersOf, notesFor, unwrap } from "./walk.ts";

/** What a value has to be, to complete "must be …". */
export function expectedOf(schema: z.ZodType): string {
  if (isRemovable(schema)) return `${expectedOf(unwrap(schema))} or false`;
  const said = notesFor(schema)?.expected;
  if (said !== undefined) return said;
  const inner = unwrap(schema);
  if (inner instanceof z.ZodNumber) return numberExpected(inner);
  if (inner instanceof z.ZodBoolean) return "true or false";
  if (inner instanceof z.ZodEnum) return oneOf(inner.options);
  if (inner instanceof z.ZodLiteral) return oneOf([...inner.values]);
  if (inner instanceof z.ZodArray)
    return inner.safeParse([]).success ? "a list" : "a list that is not empty";
  if (inner instanceof z.ZodObject || inner instanceof z.ZodRecord) return "a table";
  if (inner instanceof z.ZodDiscriminatedUnion)
    return `a table with a "${inner.def.discriminator}"`;
  if (inner instanceof z.ZodUnion) return membersOf(inner).map(expectedOf).join(" or ");
  if (inner instanceof z.ZodString)
    return (inner.minLength ?? 0) > 0 ? "text that is not empty" : "text";
  return "another value";
}

function numberExpected(schema: z.ZodNumber): string {
  const low = schema.minValue ?? Number.MIN_SAFE_INTEGER;
  const high = schema.maxValue ?? Number.MAX_SAFE_INTEGER;
  if (low > Number.MIN_SAFE_INTEGER && high < Number.MAX_SAFE_INTEGER) {
    return `a whole number from ${low} to ${high}`;
  }
  if (low > Number.MIN_SAFE_INTEGER) return `a whole number of ${low} or more`;
  return "a whole number";
}

function oneOf(values: readonly unknown[]): string {
  const shown = values.map((value) => JSON.stringify(value));
  if (shown.length === 1) return shown[0] as string;
  return `${shown.slice(0, -1).join(", ")} or ${shown.at(-1)}`;
}

/** The texts a value may be, where there is such a list. */
export function choicesOf(schema: z.ZodType): string[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodEnum) return inner.options.map(String);
  if (inner instanceof z.ZodLiteral) return [...inner.values].map(String);
  if (inner instanceof z.ZodUnion) return membersOf(inner).flatMap(choicesOf);
  return [];
}
