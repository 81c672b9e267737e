import type { JsonSchema, JsonSchemaObject } from "./json-schema.ts";
import { isObject } from "./json-schema.ts";

/** One field of an object: a key of the query, a header, a part of the path. */
export interface Field {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
}

/** Definitions may lead to each other. */
const DEPTH_AT_MOST = 20;

/**
 * The fields of an object's schema. Those of `allOf` are put together; of alternatives, a field is required
 * when it is in all of them.
 */
export function fieldsOf(root: JsonSchemaObject): Field[] {
  return [...collect(root, root, 0).values()];
}

function collect(schema: JsonSchema, root: JsonSchemaObject, depth: number): Map<string, Field> {
  const fields = new Map<string, Field>();
  if (!isObject(schema) || depth > DEPTH_AT_MOST) return fields;
  const { $ref, properties, required, allOf, anyOf, oneOf } = schema;
  const add = (field: Field): void => {
    const before = fields.get(field.name);
    const isRequired = field.required || before?.required === true;
    fields.set(field.name, { ...field, required: isRequired });
  };
  const inner = (one: JsonSchema): Map<string, Field> => collect(one, root, depth + 1);

  for (const one of definition($ref, root)) for (const field of inner(one).values()) add(field);
  for (const one of list(allOf)) for (const field of inner(one).values()) add(field);
  for (const choices of [list(anyOf), list(oneOf)]) {
    for (const field of eitherOf(choices.map(inner))) add(field);
  }
  const names: readonly unknown[] = Array.isArray(required) ? required : [];
  for (const [name, one] of Object.entries(isObject(properties) ? properties : {})) {
    add({ name, schema: one as JsonSchema, required: names.includes(name) });
  }
  return fields;
}

function eitherOf(choices: readonly Map<string, Field>[]): Field[] {
  const names = new Set(choices.flatMap((choice) => [...choice.keys()]));
  return [...names].map((name) => {
    const found = choices.flatMap((choice) => choice.get(name) ?? []);
    const schemas = new Map(found.map(({ schema }) => [JSON.stringify(schema), schema]));
    const [first = {}] = schemas.values();
    return {
      name,
      schema: schemas.size === 1 ? first : { anyOf: [...schemas.values()] },
      required: found.length === choices.length && found.every((field) => field.required),
    };
  });
}

function definition($ref: unknown, root: JsonSchemaObject): JsonSchema[] {
  const { $defs } = root;
  if (typeof $ref !== "string" || !$ref.startsWith("#/$defs/") || !isObject($defs)) return [];
  const found = $defs[$ref.slice("#/$defs/".length)];
  return found === undefined ? [] : [found as JsonSchema];
}

function list(value: unknown): JsonSchema[] {
  return Array.isArray(value) ? (value as JsonSchema[]) : [];
}
