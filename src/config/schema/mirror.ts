import * as z from "zod";
import { field } from "./field.ts";
import { forwarding } from "./forwarding.ts";
import { size } from "./middleware/size.ts";

export const mirrorAction = z.strictObject({
  type: field(z.literal("mirror"), {
    description: "Asks an upstream, and sends copies of requests to a second one.",
    example: '"mirror"',
  }),
  upstream: field(z.string().min(1), {
    description: "The name of the [[upstream]] that answers.",
    example: '"api"',
  }),
  copy_to: field(z.string().min(1), {
    description: "The name of the [[upstream]] that gets the copies. Its answers are thrown away.",
    example: '"api-next"',
  }),
  percent: field(z.number().min(0).max(100).default(100), {
    description: "Of 100 requests so many are copied, at random.",
    example: "2.5",
    expected: "a number from 0 to 100",
  }),
  max_body: field(size.default("64KiB"), {
    description:
      "Requests with a longer body are not copied. A copy is kept in memory until it is sent.",
    example: '"1MiB"',
    expected: 'bytes, or a size such as "1MiB"',
  }),
  max_in_flight: field(z.int().min(1).max(100_000).default(100), {
    description: "Copies under way at most, in each worker. Further requests are not copied.",
    example: "500",
  }),
  timeout_ms: field(z.int().min(1).max(3_600_000).default(10_000), {
    description: "Milliseconds after which a copy is given up.",
    example: "2000",
  }),
  ...forwarding,
});
