import type { BodyReader } from "../core/spec/body-reader.ts";
import type { Schema } from "../core/spec/standard-schema.ts";
import { isSchema } from "../core/spec/standard-schema.ts";
import type { Spec } from "../core/spec/types.ts";
import { acceptsNothing } from "./accepts-nothing.ts";
import type { Components } from "./components.ts";
import type { MediaType, RequestBody } from "./document.ts";
import { fieldsOf } from "./fields.ts";
import { isObject, toJsonSchema } from "./json-schema.ts";
import type { JsonSchema } from "./json-schema.ts";

const JSON_TYPE = "application/json";
const FORM = "application/x-www-form-urlencoded";

/** How a body may come, as far as the document can tell. */
export interface BodyForm {
  /** Types a client can send: no ranges. */
  readonly mediaTypes: readonly string[];
  readonly kind: "json" | "form" | "text" | "bytes";
  readonly schema: Schema | undefined;
}

/** The forms of a route's body; none when it declares none. */
export function bodyForms({ body }: Spec): BodyForm[] {
  if (body === undefined) return [];
  if (isSchema(body)) return [{ mediaTypes: [JSON_TYPE], kind: "json", schema: body }];
  const readers = (Array.isArray(body) ? body : [body]) as readonly BodyReader[];
  return readers.map(({ mediaTypes, schema }) => {
    const kind = kindOf(mediaTypes);
    return { mediaTypes: [...new Set(mediaTypes.flatMap(concrete))], kind, schema };
  });
}

function kindOf([first = "*/*"]: readonly string[]): BodyForm["kind"] {
  if (first.includes("json")) return "json";
  if (first === FORM || first.startsWith("multipart/")) return "form";
  return first.startsWith("text/") ? "text" : "bytes";
}

/** A type of which a client can make something; `application/*+json` stands beside the plain one. */
function concrete(type: string): string[] {
  if (type === "*/*") return ["application/octet-stream"];
  if (type.includes("*+")) return [];
  return [
    type.endsWith("/*") ? type.replace("*", type === "text/*" ? "plain" : "octet-stream") : type,
  ];
}

export function requestBodyOf(
  spec: Spec,
  components: Components,
  hint: string,
): RequestBody | undefined {
  const content: Record<string, MediaType> = {};
  const forms = bodyForms(spec);
  const [first] = forms;
  if (first === undefined) return undefined;
  for (const form of forms) {
    const schema = schemaOf(form, components, hint);
    for (const type of sendable(form)) content[type] ??= { schema };
  }
  // Without content there is no type, and the first form is asked.
  return { ...(!mayBeMissing(first) && { required: true }), content };
}

function schemaOf({ kind, schema }: BodyForm, components: Components, hint: string): JsonSchema {
  if (schema !== undefined) return components.schema(schema, "input", hint);
  if (kind === "json") return {};
  return kind === "text" ? { type: "string" } : { type: "string", format: "binary" };
}

/** A form with files cannot be urlencoded. */
function sendable({ mediaTypes, kind, schema }: BodyForm): readonly string[] {
  if (kind !== "form" || schema === undefined) return mediaTypes;
  const hasFiles = fieldsOf(toJsonSchema(schema, "input")).some((field) => isFile(field.schema));
  return hasFiles ? mediaTypes.filter((type) => type !== FORM) : mediaTypes;
}

function isFile(schema: JsonSchema): boolean {
  if (!isObject(schema)) return false;
  return schema["format"] === "binary" || isFile((schema["items"] ?? false) as JsonSchema);
}

/** Whether the schema takes a request without content. */
function mayBeMissing({ kind, schema }: BodyForm): boolean {
  if (schema === undefined) return kind === "bytes" || kind === "text";
  return acceptsNothing(schema);
}
