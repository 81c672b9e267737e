import * as z from "zod";
import { field } from "./field.ts";
import { forwarding } from "./forwarding.ts";
import { addressWithValues } from "./template.ts";

export const redirectAction = z.strictObject({
  type: field(z.literal("redirect"), {
    description: "Sends the client to another address.",
    example: '"redirect"',
  }),
  to: field(addressWithValues, {
    description:
      "Where to: a path on the same host, or an absolute address. $1 and $<name> are groups of match.path, ${host}, ${path}, ${rest} and so on variables of the request.",
    example: '"https://www.example.com${path}"',
  }),
  status: field(z.literal([301, 302, 303, 307, 308]).default(302), {
    description: "301 and 308 are permanent; 307 and 308 make clients keep method and body.",
    example: "308",
  }),
  keep_path: field(z.boolean().default(false), {
    description:
      "Appends what the prefix of match.path left over: /old/* to /new/ sends /old/a/b to /new/a/b.",
    example: "true",
  }),
  keep_query: field(z.boolean().default(true), {
    description: "Appends the query of the request, unless `to` has it by ${uri} or ${query}.",
    example: "false",
  }),
});

export const proxyAction = z.strictObject({
  type: field(z.literal("proxy"), {
    description: "Asks an upstream, streaming both ways; WebSockets too.",
    example: '"proxy"',
  }),
  upstream: field(z.string().min(1), {
    description: "The name of an [[upstream]].",
    example: '"api"',
  }),
  ...forwarding,
});

export const appAction = z.strictObject({
  type: field(z.literal("app"), {
    description: "Answers with an App that a TypeScript or JavaScript module exports.",
    example: '"app"',
  }),
  module: field(z.string().min(1), {
    description: "The module.",
    example: '"./app.ts"',
    path: true,
  }),
  export: field(z.string().min(1).optional(), {
    description: "The name of the export. Left out: `app`, else the default one.",
    example: '"api"',
  }),
});
