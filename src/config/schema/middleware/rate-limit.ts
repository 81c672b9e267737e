import * as z from "zod";
import { field } from "../field.ts";

/** Who is counted: `client`, `user`, or `header:NAME`. */
export const RATE_LIMIT_KEY = /^(?:client|user|header:[!#$%&'*+\-.^_`|~0-9A-Za-z]+)$/;

export const rateLimit = z.strictObject({
  max_requests: field(z.int().min(1).max(1_000_000_000), {
    description: "Requests that one client may make in a window. Beyond it the answer is 429.",
    example: "500",
  }),
  window_secs: field(z.int().min(1).max(2_592_000).default(60), {
    description: "Seconds of the window, which slides.",
    example: "60",
  }),
  burst: field(z.int().min(1).max(1_000_000_000).optional(), {
    description:
      "Requests that may come at once; max_requests more come back evenly over a window (a token bucket). Left out: at most max_requests in any window.",
    example: "50",
  }),
  key: field(
    z
      .string()
      .regex(RATE_LIMIT_KEY, { error: 'must be "client", "user" or "header:NAME"' })
      .default("client"),
    {
      description:
        'Who is counted: "client" (the address), "user" (who auth let in; it is then counted behind auth), or "header:NAME", where those without the header are counted by address.',
      example: '"header:X-Api-Key"',
    },
  ),
  name: field(
    z
      .string()
      .regex(/^[A-Za-z0-9_.*-]{1,64}$/, { error: "must be 1 to 64 letters, digits and _.*-" })
      .optional(),
    {
      description:
        "Routes whose limits have the same name count together. Left out: each route counts for itself.",
      example: '"api"',
    },
  ),
  ipv6_prefix: field(z.int().min(1).max(128).default(64), {
    description: "Bits of an IPv6 address that make a client.",
    example: "56",
  }),
  on_store_error: field(z.enum(["allow", "refuse"]).default("allow"), {
    description:
      'What happens while the counts of all processes cannot be had: "allow" answers, "refuse" sends 503.',
    example: '"refuse"',
  }),
});
