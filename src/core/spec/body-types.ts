import { fieldsFrom } from "../../http/form-fields.ts";
import { readForm } from "../forms/read-form.ts";
import { readJson } from "../body/read-json.ts";
import { readText } from "../body/read-text.ts";
import { refuseCoding } from "../body/refuse-coding.ts";
import { readBytes } from "../body/read-bytes.ts";
import type { Source } from "../../wire/source.ts";
import type { BodyReader } from "./body-reader.ts";
import type { InputOf, OutputOf, Schema } from "./standard-schema.ts";

/**
 * A JSON body, which is what a plain schema means too.
 * @example app.post("/users", { body: json(NewUser) }, ({ body }) => create(body))
 */
// oxlint-disable-next-line no-explicit-any
export function json<S extends Schema<any, any>>(schema: S): BodyReader<InputOf<S>, OutputOf<S>> {
  return {
    mediaTypes: ["application/json", "application/*+json"],
    read: (c, limit) => {
      refuseCoding(c.exchange.headers);
      return readJson(c.exchange.body, limit);
    },
    schema,
  };
}

/**
 * A form, urlencoded or multipart, in memory: a field that came more than once is a list, files are `File`s.
 * Larger uploads are for `c.files()`.
 * @example app.post("/sign-up", { body: form(z.object({ name: z.string(), photo: z.file() })) }, ({ body }) => …)
 */
// oxlint-disable-next-line no-explicit-any
export function form<S extends Schema<any, any>>(schema: S): BodyReader<InputOf<S>, OutputOf<S>> {
  return {
    mediaTypes: ["application/x-www-form-urlencoded", "multipart/form-data"],
    read: async (c, limit) => {
      const { body, headers } = c.exchange;
      if (body === null) return undefined;
      refuseCoding(headers);
      const read = await readForm(body, headers.get("content-type"), { totalBytes: limit });
      return fieldsFrom(read as unknown as Iterable<[string, string | File]>);
    },
    schema,
  };
}

/** A text body of any `text/*` type. @throws 400 when it is not UTF-8 */
export function text(): BodyReader<string, string> {
  return {
    mediaTypes: ["text/*"],
    read: (c, limit) => {
      refuseCoding(c.exchange.headers);
      return readText(c.exchange.body, limit);
    },
  };
}

/** The bytes of a body of any type, in memory. */
export function bytes(...mediaTypes: string[]): BodyReader<Uint8Array, Uint8Array> {
  return {
    mediaTypes: mediaTypes.length === 0 ? ["*/*"] : mediaTypes,
    read: (c, limit) => readBytes(c.exchange.body, limit),
  };
}

/** A body of any type and size, to be pulled by the handler. */
export function stream(...mediaTypes: string[]): BodyReader<Source | null, Source | null> {
  return {
    mediaTypes: mediaTypes.length === 0 ? ["*/*"] : mediaTypes,
    read: (c) => c.exchange.body,
  };
}
