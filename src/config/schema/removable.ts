import * as z from "zod";

const REMOVABLE = new WeakSet<z.ZodType>();

/** A value, or false in its place, which takes away what stands elsewhere. */
export function removable<S extends z.ZodType>(
  schema: S,
): z.ZodUnion<readonly [S, z.ZodLiteral<false>]> {
  const union = z.union([schema, z.literal(false)]);
  REMOVABLE.add(union);
  return union;
}

/** The value's own schema where it may be false in its place. */
export function removableValue(schema: z.ZodType): z.ZodType | undefined {
  return REMOVABLE.has(schema) ? ((schema as z.ZodUnion).options[0] as z.ZodType) : undefined;
}
