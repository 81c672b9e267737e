import type { Schema } from "../core/spec/standard-schema.ts";

/** A JSON Schema of draft 2020-12, which OpenAPI 3.1 takes as it is. */
export interface JsonSchemaObject {
  [keyword: string]: unknown;
}

export type JsonSchema = JsonSchemaObject | boolean;

/** What a schema takes, or what it gives. */
export type Side = "input" | "output";

/**
 * The JSON Schema of a schema, as a copy of its own. What a library cannot tell (it offers no JSON Schema, or
 * has no form for a type) is `{}`: any value.
 */
export function toJsonSchema(schema: Schema, side: Side): JsonSchemaObject {
  const make = schema["~standard"].jsonSchema?.[side];
  if (make === undefined) return {};
  const target = "draft-2020-12";
  const withAdvice = { target, libraryOptions: { ...ADVICE } };
  return attempt(() => make(withAdvice)) ?? attempt(() => make({ target })) ?? {};
}

function attempt(make: () => unknown): JsonSchemaObject | undefined {
  try {
    const copy: unknown = JSON.parse(JSON.stringify(make()));
    return isObject(copy) ? copy : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is JsonSchemaObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What zod's override is given. Its schemas are only looked at, so that no copy of zod need be here. */
interface Overridden {
  readonly zodSchema: {
    readonly _zod: { readonly def: { readonly type: string; readonly catchall?: unknown } };
  };
  readonly jsonSchema: JsonSchemaObject;
}

/** For zod: no schema is refused as a whole for a part without a JSON form. Other libraries pass over it. */
const ADVICE = {
  unrepresentable: "any",
  override: ({ zodSchema, jsonSchema }: Overridden): void => {
    const { type, catchall } = zodSchema._zod.def;
    if (type === "date") Object.assign(jsonSchema, { type: "string", format: "date-time" });
    if (type === "bigint") Object.assign(jsonSchema, { type: "integer", format: "int64" });
    // A client that refused fields it does not know would break whenever one is added.
    if (type === "object" && catchall === undefined) delete jsonSchema["additionalProperties"];
    // The bounds of what a double can hold say nothing about the value.
    if (jsonSchema["minimum"] === Number.MIN_SAFE_INTEGER) delete jsonSchema["minimum"];
    if (jsonSchema["maximum"] === Number.MAX_SAFE_INTEGER) delete jsonSchema["maximum"];
  },
};
