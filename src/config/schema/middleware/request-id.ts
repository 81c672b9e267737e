import * as z from "zod";
import { field } from "../field.ts";
import { headerName } from "./header-name.ts";

export const requestId = z.strictObject({
  header: field(headerName.default("X-Request-Id"), {
    description: "The field the id is read from, answered in, and told to backends by.",
    example: '"X-Correlation-Id"',
  }),
  accept: field(z.enum(["trusted", "always", "never"]).default("trusted"), {
    description:
      "Whose id is taken over: of requests through server.trusted_proxies, of everybody, or of nobody.",
    example: '"never"',
  }),
});
