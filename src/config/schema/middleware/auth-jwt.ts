import * as z from "zod";
import { ALGORITHMS } from "../../../auth/jwt/algorithm.ts";
import { field } from "../field.ts";
import { nonEmpty } from "../text.ts";
import { realm } from "./realm.ts";

const oneOrMore = z.union([nonEmpty, z.array(nonEmpty).min(1)]);
const scalar = z.union([z.string(), z.number(), z.boolean()]);

const key = z.strictObject({
  secret: field(nonEmpty.optional(), {
    description: "A secret that both sides know, 32 bytes or more: env:NAME or file:PATH.",
    example: '"env:JWT_SECRET"',
    secret: true,
  }),
  public_key: field(nonEmpty.optional(), {
    description: "A public key in PEM: a path, or the text itself from env:NAME or file:PATH.",
    example: '"issuer.pem"',
    path: true,
  }),
  kid: field(nonEmpty.optional(), {
    description: "Tokens that name a key are checked with that one only.",
    example: '"2026-01"',
  }),
  algorithm: field(z.enum(ALGORITHMS).optional(), {
    description: "What the key is used with; if left out, what follows from it.",
    example: '"ES256"',
  }),
});

export const jwtAuth = z.strictObject({
  type: field(z.literal("jwt"), {
    description: "Lets in who has a JSON Web Token (RFC 7519) that is good.",
    example: '"jwt"',
  }),
  secret: field(nonEmpty.optional(), {
    description: "The secret tokens are signed with, 32 bytes or more: env:NAME or file:PATH.",
    example: '"env:JWT_SECRET"',
    secret: true,
  }),
  public_key: field(nonEmpty.optional(), {
    description:
      "The public key of the issuer in PEM: a path, or the text itself from env:NAME or file:PATH.",
    example: '"issuer.pem"',
    path: true,
  }),
  keys: field(z.array(key).default([]), {
    description:
      "Several keys, to rotate them: tables with secret or public_key, kid and algorithm.",
    example: '[{ public_key = "new.pem", kid = "2" }, { public_key = "old.pem", kid = "1" }]',
  }),
  jwks: field(
    z
      .string()
      .regex(
        /^(?:https:\/\/[^\s/]+|http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?)(?:\/\S*)?$/,
        {
          error:
            "must be an https: address, or http: on this machine: keys must not be changed on their way",
        },
      )
      .optional(),
    {
      description: "Where the issuer publishes its keys; they are kept for ten minutes.",
      example: '"https://issuer.example.com/.well-known/jwks.json"',
    },
  ),
  algorithms: field(z.array(z.enum(ALGORITHMS)).min(1).optional(), {
    description:
      "The only algorithms that are taken; if left out, those that follow from each key.",
    example: '["ES256"]',
  }),
  issuer: field(oneOrMore.optional(), {
    description: "Who must have issued the token: a text, or a list of which one is enough.",
    example: '"https://issuer.example.com"',
  }),
  audience: field(oneOrMore.optional(), {
    description: "For whom the token must be: a text, or a list of which one is enough.",
    example: '"api"',
  }),
  typ: field(nonEmpty.optional(), {
    description: "The typ the token must have (RFC 8725 3.11).",
    example: '"at+jwt"',
  }),
  claims: field(z.record(z.string(), z.union([scalar, z.array(scalar).min(1)])).default({}), {
    description:
      "What the token must say: a value, or a list of which one is enough. Of a claim that is a list, and of scope (RFC 8693 4.2), one of the items must be it.",
    example: '{ scope = "orders:read", tier = ["gold", "silver"] }',
  }),
  leeway_secs: field(z.int().min(0).max(3600).default(0), {
    description: "Seconds that clocks may differ.",
    example: "30",
  }),
  max_age_secs: field(z.int().min(1).max(315_360_000).optional(), {
    description: "Seconds since a token was issued, whatever its exp says.",
    example: "3600",
  }),
  cache_secs: field(z.int().min(0).max(3600).default(60), {
    description:
      "Seconds for which the signature of a token that was found right is not computed again; its times and claims are looked at every time. 0 = never.",
    example: "0",
  }),
  require_expiry: field(z.boolean().default(true), {
    description: "Whether tokens without exp, which are good forever, are refused.",
    example: "false",
  }),
  from: field(
    z
      .string()
      .regex(/^(?:header|(?:cookie|query):[!#$%&'*+\-.^_`|~0-9A-Za-z]+)$/, {
        error: 'must be "header", "cookie:NAME" or "query:NAME"',
      })
      .default("header"),
    {
      description:
        'Where the token is: "header" (Authorization: Bearer), "cookie:NAME" or "query:NAME".',
      example: '"cookie:session"',
    },
  ),
  realm,
});
