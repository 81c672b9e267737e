import type { Spec } from "../core/spec/types.ts";
import { declaredSchema } from "../core/spec/standard-schema.ts";
import type { Schema } from "../core/spec/standard-schema.ts";
import { acceptsNothing } from "./accepts-nothing.ts";
import type { Components } from "./components.ts";
import type { Parameter } from "./document.ts";
import { fieldsOf } from "./fields.ts";
import type { Field } from "./fields.ts";
import type { JsonSchema, JsonSchemaObject } from "./json-schema.ts";
import { isObject, toJsonSchema } from "./json-schema.ts";
import type { PathParam, PathTemplate } from "./path-template.ts";

/** OpenAPI 3.1, 4.8.12.1: these are told by content and security instead. */
const TOLD_ELSEWHERE = new Set(["accept", "content-type", "authorization"]);

/**
 * Everything a route reads beside its body.
 * @param template its path, with the names that the document has for its parameters
 * @param declared the same parameters as the route names them
 */
export function parametersOf(
  spec: Spec,
  template: PathTemplate,
  declared: readonly PathParam[],
  components: Components,
): Parameter[] {
  const all = [
    ...pathParameters(declaredSchema(spec.params), template, declared, components),
    ...queryParameters(declaredSchema(spec.query), components),
    ...fields(declaredSchema(spec.headers), components).map((field) => parameter("header", field)),
    ...fields(declaredSchema(spec.cookies), components).map((field) => parameter("cookie", field)),
    ...extracted(spec, components),
  ].filter((one) => one.in !== "header" || !TOLD_ELSEWHERE.has(one.name.toLowerCase()));
  // A part and an extractor may read the same: the part is the one that is checked first.
  const different = new Map<string, Parameter>();
  for (const one of all) {
    const key = `${one.in} ${one.in === "header" ? one.name.toLowerCase() : one.name}`;
    if (!different.has(key)) different.set(key, one);
  }
  return [...different.values()];
}

const PLACES = { query: "query", headers: "header", cookies: "cookie" } as const;

/** What the extractors of a route read. */
function extracted(spec: Spec, components: Components): Parameter[] {
  return Object.values(spec.with ?? {}).flatMap(({ facts }) => {
    if (facts?.parameter === undefined) return [];
    const { in: part, name, schema } = facts.parameter;
    const made = schema && components.schema(schema, "input", name);
    const required = schema !== undefined && !acceptsNothing(schema);
    return [parameter(PLACES[part], { name, schema: made ?? { type: "string" }, required })];
  });
}

function pathParameters(
  schema: Schema | undefined,
  { params }: PathTemplate,
  declared: readonly PathParam[],
  components: Components,
): Parameter[] {
  const known = new Map(fields(schema, components).map((field) => [field.name, field]));
  return params.map(({ name, pattern, tail }, index) => {
    const own = known.get(declared[index]?.name ?? name);
    const made = parameter("path", {
      name,
      schema: own?.schema ?? { type: "string" },
      required: true,
    });
    return {
      ...(tail && { description: "The rest of the path, slashes included." }),
      ...made,
      schema: pattern === undefined ? made.schema : withPattern(made.schema, pattern),
    } as Parameter;
  });
}

/** The pattern of a path is checked before the schema; a schema with one of its own keeps both. */
function withPattern(schema: JsonSchema, pattern: string): JsonSchema {
  if (!isObject(schema)) return { type: "string", pattern };
  // JSON Schema looks at patterns of strings only.
  if (schema["type"] !== "string" && schema["type"] !== undefined) return schema;
  if ("pattern" in schema || "$ref" in schema) return { allOf: [schema, { pattern }] };
  return { type: "string", ...schema, pattern };
}

function queryParameters(schema: Schema | undefined, components: Components): Parameter[] {
  if (schema === undefined) return [];
  const root = toJsonSchema(schema, "input");
  const found = fieldsOf(root).map((field) => parameter("query", placed(field, root, components)));
  // Without properties nothing says that there are no keys.
  const { additionalProperties = found.length === 0 && !("properties" in root) } = root;
  if (additionalProperties === false) return found;
  // An object in the style `form` is a key for each of its properties.
  const whole = { type: "object", additionalProperties };
  const open = { name: freeName(found), schema: whole, required: false };
  return [...found, parameter("query", placed(open, root, components))];
}

function freeName(parameters: readonly Parameter[]): string {
  let name = "query";
  while (parameters.some((one) => one.name === name)) name = `_${name}`;
  return name;
}

function fields(schema: Schema | undefined, components: Components): Field[] {
  if (schema === undefined) return [];
  const root = toJsonSchema(schema, "input");
  return fieldsOf(root).map((field) => placed(field, root, components));
}

/** A field with what it refers to in the document. */
function placed(field: Field, root: JsonSchemaObject, components: Components): Field {
  const { schema } = field;
  if (!isObject(schema)) return field;
  const whole = { ...schema, $defs: root["$defs"] };
  return { ...field, schema: components.jsonSchema(whole, "input", field.name) };
}

function parameter(where: Parameter["in"], { name, schema, required }: Field): Parameter {
  const { description, deprecated, ...rest } = isObject(schema) ? schema : {};
  return {
    name,
    in: where,
    ...(required && { required }),
    ...(typeof description === "string" && { description }),
    ...(deprecated === true && { deprecated }),
    schema: isObject(schema) ? rest : schema,
  };
}
