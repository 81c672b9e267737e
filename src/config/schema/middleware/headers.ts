import * as z from "zod";
import { field } from "../field.ts";
import { headers } from "../text.ts";
import { headerName } from "./header-name.ts";

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
});

export const headerChanges = z.strictObject({
  request: field(changes.prefault({}), { description: "Fields as the action gets them." }),
  response: field(changes.prefault({}), { description: "Fields as the client gets them." }),
});
