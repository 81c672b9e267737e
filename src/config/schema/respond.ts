import * as z from "zod";
import { field } from "./field.ts";
import { headers, headerValue, nonEmpty } from "./text.ts";

/** JSON has no infinity and no NaN, which are refused, and no dates, which become the text that TOML has for them. */
const jsonValue = z
  .unknown()
  .superRefine((value, context) => {
    const open: [unknown, (string | number)[]][] = [[value, []]];
    for (let one = open.pop(); one !== undefined; one = open.pop()) {
      const [part, path] = one;
      if (typeof part === "number" && !Number.isFinite(part)) {
        context.addIssue({ code: "custom", path, message: `is ${part}, which JSON cannot say` });
      }
      if (typeof part !== "object" || part === null || part instanceof Date) continue;
      for (const [key, inner] of Object.entries(part)) {
        open.push([inner, [...path, Array.isArray(part) ? Number(key) : key]]);
      }
    }
  })
  .overwrite(withoutDates);

function withoutDates(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(withoutDates);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withoutDates(inner)]),
  );
}

export const respondAction = z.strictObject({
  type: field(z.literal("respond"), {
    description: "Answers by itself.",
    example: '"respond"',
  }),
  status: field(z.int().min(200).max(599).default(200), {
    description: "The status of the answer.",
    example: "404",
  }),
  body: field(z.string().default(""), {
    description: "The body of the answer, as text.",
    example: '"Not found\\n"',
  }),
  file: field(nonEmpty.optional(), {
    description:
      "A file as the body of the answer, of at most 16 MiB. It is read at start and at reload.",
    example: '"./pages/maintenance.html"',
    path: true,
  }),
  json: field(jsonValue.optional(), {
    description: "A value as the body of the answer, in JSON.",
    example: '{ status = "ok", regions = ["eu", "us"] }',
  }),
  content_type: field(headerValue.min(1).optional(), {
    description:
      "The media type of the body. Left out: text/plain, application/json, or by the name of the file.",
    example: '"text/html; charset=utf-8"',
  }),
  headers: field(headers.default({}), {
    description: "More headers of the answer.",
    example: '{ "cache-control" = "no-store" }',
  }),
  values: field(z.boolean().default(false), {
    description:
      "Puts $1, $<name> and ${variable} into body, file, json and headers, escaped as HTML or JSON wants it.",
    example: "true",
  }),
});
