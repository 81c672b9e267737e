import { parseSize } from "../../internal/parse-size.ts";
import { essence, mediaTypeMatches } from "../body/media-type-matches.ts";
import type { Context } from "../context.ts";
import { HttpError } from "../errors.ts";
import type { BodyReader } from "./body-reader.ts";
import { json } from "./body-types.ts";
import type { InputPart, InputProblem } from "./invalid-input.ts";
import { InvalidInput, problemsOf } from "./invalid-input.ts";
import type { Schema, SchemaResult } from "./standard-schema.ts";
import { isSchema } from "./standard-schema.ts";
import type { Spec } from "./types.ts";

/** Reads and checks what a route declares, and puts it on the context. Undefined when it was done at once. */
export type Prepare = (c: Context) => undefined | Promise<undefined>;

type NamedExtractor = readonly [name: string, extractor: (c: Context) => unknown];

/** One part of a request and what it must be. */
interface Check {
  readonly part: InputPart;
  readonly schema: Schema;
  readonly read: (c: Context) => unknown;
  readonly write: (c: Context, value: unknown) => void;
}

/**
 * Compiles what a spec declares of its input, once. Every part is checked before any failure is told, and
 * the body last. Undefined when nothing is declared.
 */
export function compilePrepare(spec: Spec, defaultLimit: number): Prepare | undefined {
  const checks = fieldChecks(spec);
  const limit = spec.maxBody === undefined ? defaultLimit : parseSize(spec.maxBody);
  const readers = spec.body === undefined ? undefined : readersOf(spec.body);
  const extractors = Object.entries(spec.with ?? {});
  if (checks.length === 0 && readers === undefined && extractors.length === 0) return undefined;

  return (c) => {
    let problems: InputProblem[] | undefined;
    let waiting: Promise<unknown>[] | undefined;
    const settle = (check: Check, result: SchemaResult<unknown>): void => {
      if (result.issues === undefined) check.write(c, result.value);
      else (problems ??= []).push(...problemsOf(check.part, result.issues));
    };
    const run = (check: Check, value: unknown): void => {
      const result = check.schema["~standard"].validate(value);
      if (result instanceof Promise) later(result.then((settled) => settle(check, settled)));
      else settle(check, result);
    };
    const later = (work: Promise<unknown>): void => {
      // It may fail while another is waited for; nobody would be listening.
      work.catch(() => {});
      (waiting ??= []).push(work);
    };
    for (const check of checks) run(check, check.read(c));
    if (readers !== undefined) {
      const reader = chooseReader(c, readers);
      const value = reader.read(c, limit);
      const take = (read: unknown): void => {
        if (reader.schema === undefined) c.setInput("body", read);
        else run({ ...BODY, schema: reader.schema }, read);
      };
      // A body that arrives later may itself have a schema that answers later.
      if (value instanceof Promise) later(value.then(take));
      else take(value);
    }
    if (waiting !== undefined) return finishLater(c, waiting, () => problems, extractors);
    if (problems !== undefined) throw new InvalidInput(problems);
    return extractors.length === 0 ? undefined : extract(c, extractors);
  };
}

const BODY = {
  part: "body",
  read: () => undefined,
  write: (c: Context, value: unknown) => c.setInput("body", value),
} as const;

async function finishLater(
  c: Context,
  waiting: Promise<unknown>[],
  problems: () => InputProblem[] | undefined,
  extractors: readonly NamedExtractor[],
): Promise<undefined> {
  // Taking the body may add to the list while it is waited for.
  for (let i = 0; i < waiting.length; i++) await waiting[i];
  const found = problems();
  if (found !== undefined) throw new InvalidInput(found);
  return extract(c, extractors);
}

/** Fills `c.vars`, in order. What several find wrong is told together. */
function extract(
  c: Context,
  extractors: readonly NamedExtractor[],
  found: readonly InputProblem[] = [],
): undefined | Promise<undefined> {
  let problems = found;
  for (let i = 0; i < extractors.length; i++) {
    const [name, extractor] = extractors[i] as NamedExtractor;
    let value: unknown;
    try {
      value = extractor(c);
    } catch (error) {
      problems = [...problems, ...problemsIn(error)];
      continue;
    }
    if (isThenable(value)) return extractLater(c, name, value, extractors.slice(i + 1), problems);
    (c.vars as Record<string, unknown>)[name] = value;
  }
  if (problems.length > 0) throw new InvalidInput(problems);
  return undefined;
}

/** Query builders are no Promises, and do and refuse nothing until they are awaited. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (value instanceof Promise) return true;
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  );
}

async function extractLater(
  c: Context,
  name: string,
  value: PromiseLike<unknown>,
  rest: readonly NamedExtractor[],
  found: readonly InputProblem[],
): Promise<undefined> {
  let problems = found;
  try {
    (c.vars as Record<string, unknown>)[name] = await value;
  } catch (error) {
    problems = [...problems, ...problemsIn(error)];
  }
  return extract(c, rest, problems);
}

/** What is wrong with the input; any other error ends the request at once. */
function problemsIn(error: unknown): readonly InputProblem[] {
  if (error instanceof InvalidInput) return error.problems;
  throw error;
}

function fieldChecks(spec: Spec): Check[] {
  const checks: Check[] = [];
  const add = (part: Exclude<InputPart, "body">, read: (c: Context) => unknown): void => {
    const schema = spec[part];
    if (schema === undefined) return;
    if (!isSchema(schema))
      throw new TypeError(`${part} must be a Standard Schema, such as z.object({…})`);
    checks.push({ part, schema, read, write: (c, value) => c.setInput(part, value) });
  };
  add("params", (c) => c.params);
  add("query", (c) => c.query);
  add("headers", headerRecord);
  add("cookies", (c) => c.cookies.all());
  return checks;
}

/** Headers by lower-case name, repeated ones joined (RFC 9110 5.3). */
function headerRecord(c: Context): Record<string, string> {
  const record: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of c.requestHeaders) {
    const key = name.toLowerCase();
    const before = record[key];
    record[key] = before === undefined ? value : `${before}, ${value}`;
  }
  return record;
}

function readersOf(body: NonNullable<Spec["body"]>): readonly BodyReader[] {
  if (isSchema(body)) return [json(body)];
  return Array.isArray(body) ? (body as readonly BodyReader[]) : [body as BodyReader];
}

/** @throws HttpError 415 (RFC 9110 15.5.16), with what is accepted */
function chooseReader(c: Context, readers: readonly BodyReader[]): BodyReader {
  const contentType = c.requestHeaders.get("content-type");
  const type = essence(contentType);
  const fitting = readers.find((reader) => mediaTypeMatches(type, reader.mediaTypes));
  // Without content there is no type; the schema says whether it may be missing.
  if (fitting === undefined && c.exchange.body === null && contentType === null) {
    return { ...(readers[0] as BodyReader), read: () => undefined };
  }
  if (fitting !== undefined && isUtf8(contentType, type)) return fitting;
  const accepted = readers.flatMap((reader) => reader.mediaTypes);
  throw new HttpError(
    415,
    "unsupported_media_type",
    `Send the body as ${accepted.join(" or ")}${fitting === undefined ? "" : " in UTF-8"}.`,
  );
}

/** A charset other than UTF-8 would be read wrongly. */
function isUtf8(contentType: string | null, type: string): boolean {
  if (contentType === null || !(type.startsWith("text/") || type.includes("json"))) return true;
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1]?.toLowerCase();
  return (
    charset === undefined || charset === "utf-8" || charset === "utf8" || charset === "us-ascii"
  );
}
