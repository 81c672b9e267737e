import * as z from "zod";
import { field } from "./field.ts";
import { forwarding } from "./forwarding.ts";
import { nonEmpty } from "./text.ts";

const token = z
  .string()
  .regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, { error: "must be a name such as x-user" });

const sticky = z.strictObject({
  cookie: field(token.optional(), {
    description:
      "A cookie by whose value the side is chosen. Clients that have none are sent one with a random value.",
    example: '"sluice_split"',
  }),
  set_cookie: field(z.boolean().default(true), {
    description:
      "Whether clients without the cookie are sent one. Off where the cookie is the application's own.",
    example: "false",
  }),
  max_age_secs: field(z.int().min(1).max(34_560_000).default(2_592_000), {
    description: "How long the cookie that is sent lives, in seconds.",
    example: "86400",
  }),
  header: field(token.optional(), {
    description: "A field of the request by whose value the side is chosen.",
    example: '"x-user-id"',
  }),
});

const choice = z.strictObject({
  upstream: field(z.string().min(1), {
    description: "The name of an [[upstream]].",
    example: '"api-next"',
  }),
  weight: field(z.int().min(0).max(1_000_000), {
    description: "Its share: of the requests, as much as its part of the sum. 0 = none.",
    example: "5",
  }),
  name: field(nonEmpty.max(64).optional(), {
    description: "For metrics and changes while it runs. Left out: that of the upstream.",
    example: '"canary"',
  }),
});

export const splitAction = z.strictObject({
  type: field(z.literal("split"), {
    description: "Asks one of several upstreams, by weight: for canary releases.",
    example: '"split"',
  }),
  choices: field(z.array(choice).min(1), {
    description: "The upstreams with their weights.",
    example: '[{ upstream = "api", weight = 95 }, { upstream = "api-next", weight = 5 }]',
  }),
  sticky: field(sticky.optional(), {
    description:
      "Sends a client to the same side as before, for as long as the weights allow. Left out: each request for itself.",
    example: '{ cookie = "sluice_split" }',
  }),
  ...forwarding,
});
