import * as z from "zod";
import { field } from "../field.ts";
import { removable } from "../removable.ts";
import { headerValue } from "../text.ts";

export const securityHeaders = z.strictObject({
  content_security_policy: field(removable(z.record(z.string(), z.array(z.string()))).optional(), {
    description:
      "Directives and their sources; false leaves the field out. Left out: a policy that allows this site only.",
    example: `{ default-src = ["'self'"], img-src = ["'self'", "data:"] }`,
  }),
  hsts: field(z.boolean().default(true), {
    description:
      "Whether browsers are told to come by HTTPS only, for 180 days; sent on HTTPS only.",
    example: "false",
  }),
  frame_options: field(removable(z.enum(["DENY", "SAMEORIGIN"])).optional(), {
    description: "Who may frame a page; SAMEORIGIN if left out, false for no field.",
    example: '"DENY"',
  }),
  referrer_policy: field(removable(headerValue.min(1)).optional(), {
    description: "strict-origin-when-cross-origin if left out, false for no field.",
    example: '"no-referrer"',
  }),
});
