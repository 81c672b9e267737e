import * as z from "zod";
import { field } from "../field.ts";
import { removable } from "../removable.ts";
import { auth } from "./auth.ts";
import { rateLimit } from "./rate-limit.ts";

/**
 * `[middleware]` and `[route.middleware]`: a new one is one more key here, a file beside this one, and one in
 * gateway/middleware.
 */
export const middleware = z.strictObject({
  rate_limit: field(removable(rateLimit).optional(), {
    description: "Limits how often clients may ask; the counts hold over all processes.",
  }),
  auth: field(removable(auth).optional(), { description: "Who is let in." }),
});
