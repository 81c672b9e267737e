import * as z from "zod";
import { field } from "./field.ts";
import { hostHeader } from "./host-header.ts";
import { replyRewriting } from "./reply-rewriting.ts";

/** How requests are passed on, of every action that asks an upstream. */
export const forwarding = {
  host: field(hostHeader.optional(), {
    description:
      'What is sent as Host in the place of what the upstream says: "preserve" is the client\'s, "backend" the backend\'s own, anything else is sent as it is.',
    example: '"backend"',
  }),
  forwarded: field(
    z.enum(["x-forwarded", "forwarded", "both", "off", "keep"]).default("x-forwarded"),
    {
      description:
        "How backends are told of the client: x-forwarded (X-Forwarded-For, -Proto and -Host), forwarded (RFC 7239), both, off, or keep, which passes on what the client claims.",
      example: '"forwarded"',
    },
  ),
  via: field(
    z
      .string()
      .regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]*$/, { error: "must be a name without spaces" })
      .default("sluice"),
    {
      description: 'Our name in Via (RFC 9110 7.6.3). "" = none.',
      example: '""',
    },
  ),
  ...replyRewriting,
};
