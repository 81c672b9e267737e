import type { JsonSchema, JsonSchemaObject } from "./json-schema.ts";
import { isObject } from "./json-schema.ts";

const SCHEMA = new Set([
  "additionalProperties",
  "contains",
  "contentSchema",
  "else",
  "if",
  "items",
  "not",
  "propertyNames",
  "then",
  "unevaluatedItems",
  "unevaluatedProperties",
]);
const LIST = new Set(["allOf", "anyOf", "items", "oneOf", "prefixItems"]);
const BY_NAME = new Set(["$defs", "dependentSchemas", "patternProperties", "properties"]);

/**
 * A copy of a schema whose direct subschemas are what `change` makes of them. Values that only look like
 * schemas, such as examples and defaults, stay as they are.
 */
export function mapSubschemas(
  schema: JsonSchemaObject,
  change: (subschema: JsonSchema) => JsonSchema,
): JsonSchemaObject {
  // By entries, so that a property "__proto__" is one like any other.
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => [keyword, mapped(keyword, value, change)]),
  );
}

function mapped(
  keyword: string,
  value: unknown,
  change: (subschema: JsonSchema) => JsonSchema,
): unknown {
  if (Array.isArray(value)) return LIST.has(keyword) ? value.map(change) : value;
  if (SCHEMA.has(keyword)) return change(value as JsonSchema);
  if (!BY_NAME.has(keyword) || !isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, change(one as JsonSchema)]),
  );
}
