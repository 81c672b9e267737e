import * as z from "zod";
import { field } from "../field.ts";
import { networks } from "./networks.ts";

export const ipFilter = z.strictObject({
  allow: field(networks.optional(), {
    description:
      "Only these clients: addresses, networks, and loopback, private, linklocal. Left out: everybody.",
    example: '["10.0.0.0/8", "loopback"]',
  }),
  deny: field(networks.default([]), {
    description: "Not these, whatever allow says. They get 403.",
    example: '["192.0.2.7"]',
  }),
});
