import * as z from "zod";
import { field } from "../field.ts";
import { nonEmpty, pathPattern } from "../text.ts";
import { networks } from "./networks.ts";

export const maintenance = z.strictObject({
  active: field(z.boolean().default(true), {
    description: "Whether it is on: a reload switches it.",
    example: "false",
  }),
  retry_after_secs: field(z.int().min(1).max(31_536_000).default(300), {
    description: "Seconds after which clients may come again, in Retry-After.",
    example: "60",
  }),
  allow: field(networks.default([]), {
    description:
      "Clients that are answered nevertheless: addresses, networks, and loopback, private.",
    example: '["10.0.0.0/8"]',
  }),
  except: field(z.array(pathPattern).default([]), {
    description: "Exact paths that are answered nevertheless.",
    example: '["/healthz"]',
  }),
  message: field(nonEmpty.optional(), {
    description: "What people read.",
    example: '"Back at noon."',
  }),
});
