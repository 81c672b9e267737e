import * as z from "zod";
import { field } from "../field.ts";
import { textRule } from "../text-rule.ts";
import { headers } from "../text.ts";
import { headerName } from "./header-name.ts";

const replacement = z.strictObject({
  name: field(headerName, { description: "The field's name.", example: '"link"' }),
  ...textRule,
});

const changes = z.strictObject({
  set: field(headers.default({}), {
    description: "Fields in place of those of the same name.",
    example: '{ x-from = "gateway" }',
  }),
  add: field(headers.default({}), {
    description: "Fields beside those of the same name.",
    example: '{ vary = "Cookie" }',
  }),
  remove: field(z.array(headerName).default([]), {
    description: "Names of fields that go.",
    example: '["server"]',
  }),
  replace: field(z.array(replacement).default([]), {
    description:
      "What is replaced in values of fields that are there: tables with name, from and to.",
    example: '[{ name = "link", from = "http://", to = "https://" }]',
  }),
});

export const headerChanges = z.strictObject({
  request: field(changes.prefault({}), { description: "Fields as the action gets them." }),
  response: field(changes.prefault({}), { description: "Fields as the client gets them." }),
  values: field(z.boolean().default(false), {
    description:
      "Whether $1, $<name> and ${variable} in set and add stand for values of the request.",
    example: "true",
  }),
});
