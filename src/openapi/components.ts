import type { SecurityScheme } from "../core/middleware.ts";
import type { Schema } from "../core/spec/standard-schema.ts";
import type { ComponentsObject, OpenApiResponse, Reference } from "./document.ts";
import type { JsonSchema, JsonSchemaObject, Side } from "./json-schema.ts";
import { isObject, toJsonSchema } from "./json-schema.ts";
import { mapSubschemas } from "./map-subschemas.ts";
import { Named } from "./named.ts";

const SCHEMAS = "#/components/schemas/";
const DEFS = "#/$defs/";
/** The whole schema, as a definition that others refer to. */
const WHOLE = "#";
/** Names that libraries make up for what has none: `__schema0`. */
const MADE_UP = /^__/;
const NAME = /^[A-Za-z0-9._-]+$/;

/** One schema as it is placed. */
interface Placing {
  readonly root: JsonSchemaObject;
  readonly side: Side;
  /** For what has no name of its own. */
  readonly hint: string;
  /** Definitions that have their place already. */
  readonly done: Map<string, Reference>;
}

/** What operations share: schemas with a name, errors, security schemes. */
export class Components {
  readonly #schemas = new Named<JsonSchema>();
  readonly #responses = new Named<OpenApiResponse>();
  readonly #securitySchemes = new Named<SecurityScheme>();

  /**
   * A schema as it may stand in the document. Parts with an id or title, and those that refer to themselves,
   * become components.
   * @param hint a name for what refers to itself and has none
   */
  schema(schema: Schema, side: Side, hint: string): JsonSchema {
    return this.jsonSchema(toJsonSchema(schema, side), side, hint);
  }

  /** The same of a JSON Schema, whose `$defs` hold what it refers to. */
  jsonSchema(root: JsonSchemaObject, side: Side, hint: string): JsonSchema {
    const placing = { root, side, hint, done: new Map() };
    return refersToWhole(root) ? this.#reference(WHOLE, placing) : this.#place(root, placing);
  }

  /** A schema of our own. */
  shared(name: string, schema: JsonSchemaObject): Reference {
    return { $ref: SCHEMAS + this.#schemas.name(JSON.stringify(schema), [name], () => schema) };
  }

  response(name: string, response: OpenApiResponse): Reference {
    const key = JSON.stringify(response);
    return { $ref: `#/components/responses/${this.#responses.name(key, [name], () => response)}` };
  }

  /** @returns the name it has in the document */
  securityScheme(name: string, scheme: SecurityScheme): string {
    return this.#securitySchemes.name(`${name} ${JSON.stringify(scheme)}`, [name], () => scheme);
  }

  toObject(): ComponentsObject | undefined {
    const parts = {
      schemas: this.#schemas.all(),
      responses: this.#responses.all(),
      securitySchemes: this.#securitySchemes.all(),
    };
    const used = Object.entries(parts).filter(([, part]) => part !== undefined);
    return used.length === 0 ? undefined : (Object.fromEntries(used) as ComponentsObject);
  }

  #place(schema: JsonSchema, placing: Placing, inComponent = false): JsonSchema {
    if (!isObject(schema)) return schema;
    const { $schema: _schema, $id: _id, ...keywords } = schema;
    if (schema === placing.root) delete keywords["$defs"];
    const placed = mapSubschemas(keywords, (inner) => this.#place(inner, placing));
    const { $ref } = keywords;
    if (typeof $ref === "string" && $ref.startsWith("#")) {
      const target = this.#target($ref, placing);
      if (target === undefined) delete placed["$ref"];
      else placed["$ref"] = target;
    }
    const { title } = placed;
    if (inComponent || typeof title !== "string" || !NAME.test(title)) return placed;
    const names = [title, title + suffix(placing.side)];
    return {
      $ref: SCHEMAS + this.#schemas.name(`${title} ${JSON.stringify(placed)}`, names, () => placed),
    };
  }

  /** Where a reference within the schema is in the document; undefined when it leads nowhere. */
  #target(ref: string, placing: Placing): string | undefined {
    if (!ref.startsWith(DEFS)) return this.#reference(WHOLE, placing).$ref + ref.slice(1);
    const [name = "", ...rest] = ref.slice(DEFS.length).split("/");
    const key = unescapePointer(name);
    const definitions = definitionsOf(placing.root);
    if (!Object.hasOwn(definitions, key) || !isObject(definitions[key])) return undefined;
    return [this.#reference(key, placing).$ref, ...rest].join("/");
  }

  #reference(name: string, placing: Placing): Reference {
    const { root, side, hint, done } = placing;
    const before = done.get(name);
    if (before !== undefined) return before;
    const definition = name === WHOLE ? root : (definitionsOf(root)[name] as JsonSchemaObject);
    const { title } = definition;
    const own = name === WHOLE || MADE_UP.test(name) ? undefined : name;
    const base = own ?? (typeof title === "string" && NAME.test(title) ? title : hint);
    const key = `${own ?? ""} ${contentOf(name, root)}`;
    const names = [base, base + suffix(side)];
    const component = this.#schemas.name(key, names, () => this.#place(definition, placing, true));
    const reference = { $ref: SCHEMAS + component };
    done.set(name, reference);
    return reference;
  }
}

function suffix(side: Side): string {
  return side === "input" ? "Input" : "Output";
}

function definitionsOf(root: JsonSchemaObject): JsonSchemaObject {
  const { $defs } = root;
  return isObject($defs) ? $defs : {};
}

/**
 * A definition and all that it leads to, as text: what makes two of the same name the same. Names that a
 * library made up differ between schemas, so they are numbered.
 */
function contentOf(name: string, root: JsonSchemaObject): string {
  const definitions = definitionsOf(root);
  const reached = new Map<string, JsonSchemaObject>();
  const open = [name];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (reached.has(next)) continue;
    const {
      $defs: _defs,
      $schema: _schema,
      ...definition
    } = (next === WHOLE ? root : (definitions[next] ?? {})) as JsonSchemaObject;
    reached.set(next, definition);
    for (const ref of referencesIn(definition)) {
      open.push(ref.startsWith(DEFS) ? definitionName(ref) : WHOLE);
    }
  }
  let text = JSON.stringify([...reached.values()]);
  for (const [index, one] of [...reached.keys()].entries()) {
    if (one !== WHOLE && !MADE_UP.test(one)) continue;
    const ref = one === WHOLE ? WHOLE : DEFS + one;
    text = text.replaceAll(`"$ref":"${ref}"`, `"$ref":"${index}"`);
  }
  return text;
}

function definitionName(ref: string): string {
  return unescapePointer(ref.slice(DEFS.length).split("/", 1)[0] as string);
}

function refersToWhole(root: JsonSchemaObject): boolean {
  return referencesIn(root).some((ref) => !ref.startsWith(DEFS));
}

/** References to places within the same schema. */
function referencesIn(schema: JsonSchema): string[] {
  const found: string[] = [];
  const look = (inner: JsonSchema): JsonSchema => {
    if (!isObject(inner)) return inner;
    const { $ref } = inner;
    if (typeof $ref === "string" && $ref.startsWith("#")) found.push($ref);
    return mapSubschemas(inner, look);
  };
  look(schema);
  return found;
}

/** RFC 6901 3 and 6. */
function unescapePointer(token: string): string {
  let text = token;
  try {
    text = decodeURIComponent(token);
  } catch {
    // Not escaped, then.
  }
  return text.replaceAll("~1", "/").replaceAll("~0", "~");
}
