import * as z from "zod";
import { field } from "../field.ts";
import { nonEmpty } from "../text.ts";
import { realm } from "./realm.ts";

const namedToken = z.strictObject({
  name: field(nonEmpty, { description: "Who has it.", example: '"ci"' }),
  token: field(nonEmpty, {
    description: "The token: env:NAME or file:PATH.",
    example: '"env:CI_TOKEN"',
    secret: true,
  }),
});

export const bearerAuth = z.strictObject({
  type: field(z.literal("bearer"), {
    description: "Lets in who sends Authorization: Bearer with a known token (RFC 6750).",
    example: '"bearer"',
  }),
  token_env: field(nonEmpty.optional(), {
    description: "The variable of the environment that holds the token.",
    example: '"API_TOKEN"',
    variable: true,
  }),
  token: field(nonEmpty.optional(), {
    description: "The token itself: from env:NAME or file:PATH, so that it is not in this file.",
    example: '"file:secrets/api-token"',
    secret: true,
  }),
  tokens: field(z.array(z.union([nonEmpty, namedToken])).default([]), {
    description: "Several of them, each a text or a table with name and token.",
    example: '[{ name = "ci", token = "file:secrets/ci-token" }]',
    expected: "a list of tokens, or of tables with name and token",
    secret: true,
  }),
  realm,
});
