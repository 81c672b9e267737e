import { parseQuery } from "../../http/query.ts";
import { readBytes } from "../body/read-bytes.ts";
import type { Context } from "../context.ts";
import { error } from "../error.ts";
import type { InputPart } from "./invalid-input.ts";
import { InvalidInput, problemsOf } from "./invalid-input.ts";
import type { OutputOf, Schema, SchemaResult } from "./standard-schema.ts";
import type { Extractor } from "./types.ts";

// oxlint-disable-next-line no-explicit-any
type AnySchema = Schema<any, any>;

/** One request header; with a schema, what that makes of it. @throws InvalidInput */
export function header(name: string): Extractor<string | undefined>;
export function header<S extends AnySchema>(name: string, schema: S): Extractor<OutputOf<S>>;
export function header(name: string, schema?: AnySchema): Extractor {
  return extractor("headers", name, (c) => c.requestHeaders.joined(name) ?? undefined, schema);
}

/** One key of the query; with a schema, what that makes of it. @throws InvalidInput */
export function query(name: string): Extractor<string | undefined>;
export function query<S extends AnySchema>(name: string, schema: S): Extractor<OutputOf<S>>;
export function query(name: string, schema?: AnySchema): Extractor {
  return extractor("query", name, (c) => firstOf(parseQuery(c.exchange.query)[name]), schema);
}

/** One cookie; with a schema, what that makes of it. @throws InvalidInput */
export function cookie(name: string): Extractor<string | undefined>;
export function cookie<S extends AnySchema>(name: string, schema: S): Extractor<OutputOf<S>>;
export function cookie(name: string, schema?: AnySchema): Extractor {
  return extractor("cookies", name, (c) => c.cookies.get(name), schema);
}

/** The bearer token of `Authorization` (RFC 6750 2.1). @throws HttpError 401 when there is none */
export function bearerToken(): Extractor<string> {
  const read = (c: Context): string => {
    const value = c.requestHeaders.get("authorization") ?? "";
    const token = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i.exec(value)?.[1];
    if (token !== undefined) return token;
    throw new TokenMissing(undefined, { headers: { "WWW-Authenticate": "Bearer" } });
  };
  const security = { bearer: { type: "http", scheme: "bearer" } } as const;
  return Object.assign(read, { facts: { security, errors: [TokenMissing] } });
}

const TokenMissing = error(401, "token_missing", "Send Authorization: Bearer with a token.");

/** The client's address, by the trusted-proxy rule. */
export function clientAddress(): Extractor<string> {
  return (c) => c.ip;
}

/** The bytes of the body as they came, for signatures. @throws HttpError 413 */
export function rawBody(): Extractor<Uint8Array> {
  return (c) => readBytes(c.exchange.body, c.route.maxBody);
}

function firstOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function extractor(
  part: Exclude<InputPart, "params" | "body">,
  name: string,
  read: (c: Context) => string | undefined,
  schema: AnySchema | undefined,
): Extractor {
  const facts = { parameter: { in: part, name, schema } };
  if (schema === undefined) return Object.assign(read, { facts });
  const take = (result: SchemaResult<unknown>): unknown => {
    if (result.issues === undefined) return result.value;
    const problems = problemsOf(part, result.issues);
    throw new InvalidInput(problems.map((one) => ({ ...one, path: [name, ...one.path] })));
  };
  const checked = (c: Context): unknown => {
    const result = schema["~standard"].validate(read(c));
    return result instanceof Promise ? result.then(take) : take(result);
  };
  return Object.assign(checked, { facts });
}
