import * as z from "zod";
import { appAction, proxyAction, redirectAction, respondAction } from "./answers.ts";
import { field } from "./field.ts";
import { staticAction } from "./static.ts";
import { hostPattern, nonEmpty, pathPattern } from "./text.ts";

const oneOrMore = <S extends z.ZodType>(item: S) => z.union([item, z.array(item).min(1)]);

/** `match = { … }`: every matcher that is there has to agree. */
export const match = z.strictObject({
  host: field(oneOrMore(hostPattern).optional(), {
    description:
      "Host names: exact, or *.example.com for exactly one label. A list means any of them. Left out: every host.",
    example: '["example.com", "www.example.com"]',
    expected: "a host name or a list of host names",
  }),
  path: field(oneOrMore(pathPattern).default("/*"), {
    description: "Paths: exact, or a prefix ending in /*. A list means any of them.",
    example: '"/images/*"',
    expected: "a path or a list of paths",
  }),
});

/** `action = { type = …, … }`: a new kind of action is one more member here and one in gateway/actions. */
export const action = z.discriminatedUnion("type", [
  staticAction,
  redirectAction,
  respondAction,
  appAction,
  proxyAction,
]);

/** `[[route]]` */
export const route = z.strictObject({
  name: field(nonEmpty.optional(), {
    description: "For logs, metrics and lists.",
    example: '"site"',
  }),
  match: field(match.prefault({}), {
    description: "Which requests the route answers. The first route in the file that matches does.",
  }),
  require_client_cert: field(z.boolean().default(false), {
    description:
      "Answers 403 to requests without a verified client certificate. Needs server.tls.client_ca.",
    example: "true",
  }),
  action: field(action, {
    description: "What answers.",
  }),
});
