import * as z from "zod";
import type { KeyPath } from "../path-key.ts";
import type { FieldNotes } from "./field.ts";
import { notesOf } from "./field.ts";
import { removableValue } from "./removable.ts";

/** The schema below `optional`, `default`, `prefault` and a false that may stand for it. */
export function unwrap(schema: z.ZodType): z.ZodType {
  const known = UNWRAPPED.get(schema);
  if (known !== undefined) return known;
  const bare = withoutDefault(schema);
  const inner = removableValue(bare) ?? bare;
  UNWRAPPED.set(schema, inner);
  return inner;
}

/** A large configuration asks for the same few schemas over and over. */
const UNWRAPPED = new WeakMap<z.ZodType, z.ZodType>();

/** Whether false may stand for the value. */
export function isRemovable(schema: z.ZodType): boolean {
  return removableValue(withoutDefault(schema)) !== undefined;
}

function withoutDefault(schema: z.ZodType): z.ZodType {
  let inner = schema;
  while (
    inner instanceof z.ZodOptional ||
    inner instanceof z.ZodDefault ||
    inner instanceof z.ZodPrefault
  ) {
    inner = inner.unwrap() as z.ZodType;
  }
  return inner;
}

/** Notes on a schema or on what it wraps. */
export function notesFor(schema: z.ZodType): FieldNotes | undefined {
  return notesOf(schema) ?? notesOf(unwrap(schema));
}

/** Whether a value must not be shown; an application's own schema says so in its metadata. */
export function isSecret(schema: z.ZodType): boolean {
  return (notesFor(schema)?.secret ?? schema.meta()?.["secret"]) === true;
}

/**
 * The schema of the value at a path, or undefined where the schema knows no such key.
 * @param value the whole raw value: it decides between the members of unions
 */
export function schemaAt(root: z.ZodType, path: KeyPath, value: unknown): z.ZodType | undefined {
  let schema: z.ZodType | undefined = root;
  let current = value;
  for (const part of path) {
    if (schema === undefined) return undefined;
    schema = child(schema, part, current);
    current = isObject(current) ? current[part] : undefined;
  }
  return schema;
}

/** Whether the value at a path, or one around it, must not be shown. */
export function isInSecret(root: z.ZodType, path: KeyPath, value: unknown): boolean {
  return path.some((_, index) => {
    const schema = schemaAt(root, path.slice(0, index + 1), value);
    return schema !== undefined && isSecret(schema);
  });
}

/** The schema of one part of a value. @param value the whole of it, which decides between the members of unions */
export function child(
  schema: z.ZodType,
  part: string | number,
  value: unknown,
): z.ZodType | undefined {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) {
    const shape = inner.shape as Record<string, z.ZodType>;
    return Object.hasOwn(shape, part) ? shape[part] : undefined;
  }
  if (inner instanceof z.ZodArray) return inner.element as z.ZodType;
  if (inner instanceof z.ZodRecord) return inner.valueType as z.ZodType;
  const member = unionMember(inner, value);
  return member === undefined ? undefined : child(member, part, value);
}

/** The member of a union that a value is meant to be. */
export function unionMember(schema: z.ZodType, value: unknown): z.ZodType | undefined {
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const key = schema.def.discriminator;
    const wanted = isObject(value) ? value[key] : undefined;
    return membersOf(schema).find((member) => discriminator(member, key) === wanted);
  }
  if (schema instanceof z.ZodUnion) {
    return membersOf(schema).find((member) => {
      const inner = unwrap(member);
      if (inner instanceof z.ZodArray) return Array.isArray(value);
      if (inner instanceof z.ZodObject) return isObject(value) && !Array.isArray(value);
      return member.safeParse(value).success || baseType(inner) === typeof value;
    });
  }
  return undefined;
}

export function membersOf(schema: z.ZodUnion): readonly z.ZodType[] {
  return schema.options as readonly z.ZodType[];
}

/** `static` of the member whose `type` is the literal `static`. */
export function discriminator(member: z.ZodType, key: string): unknown {
  const literal = (unwrap(member) as z.ZodObject).shape[key];
  return literal instanceof z.ZodLiteral ? literal.value : undefined;
}

function baseType(schema: z.ZodType): string | undefined {
  if (schema instanceof z.ZodString) return "string";
  if (schema instanceof z.ZodNumber) return "number";
  if (schema instanceof z.ZodBoolean) return "boolean";
  return undefined;
}

export function isObject(value: unknown): value is Record<string | number, unknown> {
  return typeof value === "object" && value !== null;
}
