import * as z from "zod";
import { field } from "../field.ts";
import { nonEmpty } from "../text.ts";
import { realm } from "./realm.ts";

export const basicAuth = z.strictObject({
  type: field(z.literal("basic"), {
    description: "Asks for a name and a password (RFC 7617).",
    example: '"basic"',
  }),
  users: field(
    z
      .record(z.string(), nonEmpty)
      .superRefine((users, context) => {
        for (const name of Object.keys(users)) {
          if (name !== "" && !name.includes(":")) continue;
          const message = 'must be a name, without ":"';
          context.addIssue({ code: "custom", path: [name], message, params: { part: "key" } });
        }
      })
      .optional(),
    {
      description: "Passwords by name; better from env:NAME or file:PATH than in this file.",
      example: '{ ada = "file:secrets/ada" }',
      secret: true,
    },
  ),
  htpasswd: field(nonEmpty.optional(), {
    description: "In place of users: a file as htpasswd -B writes it.",
    example: '"users.htpasswd"',
    path: true,
  }),
  realm,
});
