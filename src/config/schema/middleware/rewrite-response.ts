import * as z from "zod";
import { field } from "../field.ts";
import { textRule } from "../text-rule.ts";
import { size } from "./size.ts";

/** They tell what a body is, or that there is none. */
const BOUND = /^(?:20[456]|304)$/;

const statuses = z.record(z.string(), z.int()).superRefine((table, context) => {
  for (const [from, to] of Object.entries(table)) {
    const at = { code: "custom" as const, path: [from] };
    if (!/^[2-5]\d\d$/.test(from) || BOUND.test(from)) {
      const message = "must be a status from 200 to 599, but not 204, 205, 206 or 304";
      context.addIssue({ ...at, message, params: { part: "key" } });
    } else if (to < 200 || to > 599 || BOUND.test(String(to))) {
      const message = "must be a status from 200 to 599, but not 204, 205, 206 or 304";
      context.addIssue({ ...at, message });
    }
  }
});

const mediaType = z.string().regex(/^[\w!#$&^.+-]+\/(?:\*|[\w!#$&^.+-]+)$/, {
  error: "must be a media type without parameters, such as text/html or text/*",
});

export const rewriteResponse = z.strictObject({
  status: field(statuses.default({}), {
    description: "Statuses, each with the one that is sent in its place; those of errors too.",
    example: "{ 502 = 503 }",
  }),
  body: field(z.array(z.strictObject(textRule)).default([]), {
    description:
      "What is replaced in bodies, one rule after the other. An expression sees one line at a time. Such bodies are asked for whole and without a content coding.",
    example: '[{ from = "http://app.internal/", to = "/" }]',
  }),
  types: field(z.array(mediaType).min(1).default(["text/html"]), {
    description: "Media types whose bodies are looked at; text/* is all of these.",
    example: '["text/*", "application/json"]',
  }),
  max_size: field(size.default("1MiB"), {
    description: 'Larger bodies stay as they are. Bytes, or a text such as "1MiB".',
    example: '"256KiB"',
    expected: 'bytes, or a size such as "1MiB"',
  }),
});
