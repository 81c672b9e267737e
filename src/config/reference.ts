import * as z from "zod";
import { variableName } from "./environment.ts";
import { settablePaths } from "./schema/key-paths.ts";
import { configSchema } from "./schema/config.ts";
import { discriminator, membersOf, notesFor, unwrap } from "./schema/walk.ts";
import { tomlValue } from "./write-toml.ts";

/** The reference page of the configuration, as Markdown. Every word of it is in the schema. */
export function configReference(): string {
  const sections: string[] = [];
  const settable = new Set(settablePaths(configSchema).map((path) => path.join(".")));

  const section = (
    title: string,
    text: string,
    schema: z.ZodObject,
    path: readonly string[],
  ): void => {
    const rows: string[] = [];
    const inner: (() => void)[] = [];
    for (const [key, value] of Object.entries(schema.shape)) {
      const child = value as z.ZodType;
      const at = [...path, key];
      const table = tableOf(child);
      if (table === undefined) rows.push(row(key, child));
      else inner.push(() => tables(table, at, notesFor(child)?.description ?? ""));
      const item = table === undefined ? tableAmong(child) : undefined;
      if (item !== undefined) {
        const what = item.list ? "An item of " : "";
        const words = `${what}\`${at.join(".")}\` as a table.`;
        inner.push(() => tables(item, at, words));
      }
    }
    const variable = rows.length > 0 && settable.has([...path, firstKey(schema)].join("."));
    const environment = variable
      ? `\n\nIn the environment: \`${variableName([...path, "key"])}\`.`
      : "";
    const body = rows.length === 0 ? "" : `\n\n${HEAD}\n${rows.join("\n")}`;
    sections.push(`## ${title}\n\n${text}${environment}${body}`);
    for (const next of inner) next();
  };

  const tables = ({ schema, list }: Table, path: readonly string[], text: string): void => {
    const name = path.join(".");
    const title = list ? `\`[[${name}]]\`` : `\`[${name}]\``;
    if (schema instanceof z.ZodObject) {
      section(title, text, schema, path);
      return;
    }
    const key = schema.def.discriminator;
    for (const member of membersOf(schema)) {
      const type = String(discriminator(member, key));
      section(`${title} with \`${key} = "${type}"\``, text, unwrap(member) as z.ZodObject, path);
    }
  };

  section("At the top", "Keys before any table.", configSchema, []);
  return `${INTRODUCTION}\n${sections.join("\n\n")}\n`;
}

const INTRODUCTION = `# Configuration

<!-- Made by scripts/reference.ts from the schema: change src/config/schema and run it. -->

A configuration is one TOML file, \`sluice.toml\` if no other is named. \`sluice check\` checks it, \`sluice print\`
shows every value with its origin, \`sluice schema\` prints the JSON Schema for editors.

- Stronger from left to right: defaults, file, environment, options of the command line.
- A variable is named after its key, with two underscores between the parts: \`SLUICE_SERVER__PORT=443\` sets
  \`server.port\`. Lists are separated by commas. Lists of tables can only be set in a file.
- A text may be a reference: \`"env:NAME"\` stands for a variable of the environment, \`"file:PATH"\` for the
  contents of a file. \`sluice print\` shows the reference, never what it stands for.
- Paths are relative to the file that says them; in the environment and in options, to the working directory.
- Keys that do not exist are errors.
`;

const HEAD = "| Key | Type | Default | Example | |\n|---|---|---|---|---|";

interface Table {
  readonly schema: z.ZodObject | z.ZodDiscriminatedUnion;
  readonly list: boolean;
}

function tableOf(schema: z.ZodType): Table | undefined {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject || inner instanceof z.ZodDiscriminatedUnion) {
    return { schema: inner, list: false };
  }
  if (!(inner instanceof z.ZodArray)) return undefined;
  const element = unwrap(inner.element as z.ZodType);
  return element instanceof z.ZodObject ? { schema: element, list: true } : undefined;
}

/** The table that a value, or the items of a list, may be beside something else. */
function tableAmong(schema: z.ZodType): Table | undefined {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodArray) {
    const found = tableAmong(inner.element as z.ZodType);
    return found && { ...found, list: true };
  }
  if (!(inner instanceof z.ZodUnion)) return undefined;
  for (const member of membersOf(inner)) {
    const found = tableOf(member) ?? tableAmong(member);
    if (found !== undefined) return found;
  }
  return undefined;
}

function firstKey(schema: z.ZodObject): string {
  return (
    Object.keys(schema.shape).find(
      (key) => tableOf(schema.shape[key] as z.ZodType) === undefined,
    ) ?? ""
  );
}

function row(key: string, schema: z.ZodType): string {
  const notes = notesFor(schema);
  const example = notes?.example === undefined ? "" : code(`${key} = ${notes.example}`);
  const description = (notes?.description ?? "").replaceAll("*", "\\*");
  const cells = [code(key), typeOf(schema), defaultOf(schema), example, description];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function defaultOf(schema: z.ZodType): string {
  if (schema instanceof z.ZodDefault) return code(tomlValue(schema.def.defaultValue));
  return schema instanceof z.ZodOptional ? "none" : "required";
}

function typeOf(schema: z.ZodType): string {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodNumber) return numberType(inner);
  if (inner instanceof z.ZodBoolean) return "switch";
  if (inner instanceof z.ZodEnum) return inner.options.map((one) => code(tomlValue(one))).join(" ");
  if (inner instanceof z.ZodLiteral)
    return [...inner.values].map((one) => code(tomlValue(one))).join(" ");
  if (inner instanceof z.ZodArray) return `list of ${typeOf(inner.element as z.ZodType)}`;
  if (inner instanceof z.ZodRecord) return `table of ${typeOf(inner.valueType as z.ZodType)}`;
  if (inner instanceof z.ZodUnion) return membersOf(inner).map(typeOf).join(" or ");
  if (inner instanceof z.ZodUnknown) return "any value";
  return notesFor(schema)?.path ? "path" : "text";
}

function numberType(schema: z.ZodNumber): string {
  const low = schema.minValue ?? Number.MIN_SAFE_INTEGER;
  const high = schema.maxValue ?? Number.MAX_SAFE_INTEGER;
  const kind = schema.isInt ? "integer" : "number";
  return high < Number.MAX_SAFE_INTEGER ? `${kind}, ${low} to ${high}` : `${kind}, ${low} or more`;
}

function code(text: string): string {
  return `\`${text}\``;
}
