import * as z from "zod";
import { field } from "./field.ts";
import { headers, nonEmpty } from "./text.ts";

/** A status, or a range of them: `"200-399"`. */
export const statusRange = z.union([
  z.int().min(100).max(599),
  z.string().regex(/^[1-5]\d\d-[1-5]\d\d$/, { error: 'must be a range such as "200-399"' }),
]);

/** How often is checked, and what it takes to believe it. */
export const checkPace = {
  interval_secs: field(z.int().min(1).max(86_400).default(10), {
    description:
      "Seconds between checks, a tenth more or less, so that many servers do not check at the same time. The first one comes at once.",
    example: "5",
  }),
  timeout_ms: field(z.int().min(1).max(600_000).default(2_000), {
    description: "Milliseconds a check may take.",
    example: "500",
  }),
  healthy_threshold: field(z.int().min(1).max(100).default(2), {
    description: "Good checks in a row after which a backend is used again.",
    example: "3",
  }),
  unhealthy_threshold: field(z.int().min(1).max(100).default(3), {
    description:
      "Bad checks in a row after which a backend is left alone. As long as nothing is known of it, one is enough.",
    example: "2",
  }),
};

/** `[upstream.health_check]`: on when the table is there. */
export const healthCheck = z.strictObject({
  type: field(z.enum(["http", "tcp", "grpc"]).default("http"), {
    description:
      '"http" sends a request, "tcp" only connects, "grpc" asks grpc.health.v1.Health of a backend that speaks HTTP/2.',
    example: '"tcp"',
  }),
  path: field(
    z
      .string()
      .regex(/^\/[\x21-\x7e]*$/, { error: 'must begin with "/"' })
      .default("/"),
    {
      description: "The path that is asked for, with its query. For http.",
      example: '"/healthz"',
    },
  ),
  method: field(z.enum(["GET", "HEAD", "OPTIONS", "POST"]).default("GET"), {
    description: "The method of the request. For http.",
    example: '"HEAD"',
  }),
  host: field(nonEmpty.optional(), {
    description: "What is sent as Host; the backend's own if left out. For http and grpc.",
    example: '"api.example.com"',
  }),
  headers: field(headers.default({}), {
    description: "More fields of the request. For http and grpc.",
    example: '{ x-probe = "sluice" }',
  }),
  status: field(z.array(statusRange).min(1).default(["200-399"]), {
    description: "Statuses of a healthy backend, and ranges of them. For http.",
    example: '[200, "300-399"]',
    expected: 'a list of statuses and ranges such as "200-399"',
  }),
  body: field(nonEmpty.optional(), {
    description: "Text that the first 64 KiB of the answer must have. For http.",
    example: '"ok"',
  }),
  service: field(z.string().default(""), {
    description: 'The service that is asked about; "" is the whole server. For grpc.',
    example: '"shop.v1.Orders"',
  }),
  ...checkPace,
});
