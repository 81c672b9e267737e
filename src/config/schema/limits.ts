import * as z from "zod";
import { defaultLimits } from "../../server/limits.ts";
import type { Limits } from "../../server/limits.ts";
import { field } from "./field.ts";

const D = defaultLimits;
/** Timers hold 32-bit milliseconds. */
const MS = z.int().max(2_147_483_647);
const count = z.int().min(0);

/** `[server.limits]`: the members of {@link Limits} in the snake case of TOML. */
export const limits = z.strictObject({
  header_bytes: field(z.int().min(1024).max(1_048_576).default(D.headerBytes), {
    description:
      "Bytes of a request line and header section (HTTP/1.1), or of a decoded header list (HTTP/2 and 3). Over it: 431.",
    example: "32768",
  }),
  header_count: field(z.int().min(1).max(10_000).default(D.headerCount), {
    description: "Header fields in a request, and in trailers. Over it: 431.",
    example: "100",
  }),
  target_bytes: field(z.int().min(64).max(1_048_576).default(D.targetBytes), {
    description: "Bytes of a request target (path and query). Over it: 414.",
    example: "8192",
  }),
  header_timeout_ms: field(MS.min(1).default(D.headerTimeoutMs), {
    description: "Milliseconds from the first byte of a request's head to its last. Over it: 408.",
    example: "15000",
  }),
  body_bytes: field(count.default(D.bodyBytes), {
    description: "Bytes of a request body. Over it: 413. 0 = no limit.",
    example: "104857600",
  }),
  min_body_rate: field(count.default(D.minBodyRate), {
    description:
      "Bytes a second that a body must average in either direction once body_rate_grace_ms has passed. 0 = off.",
    example: "240",
  }),
  body_rate_grace_ms: field(MS.min(0).default(D.bodyRateGraceMs), {
    description: "Milliseconds before min_body_rate is asked for.",
    example: "5000",
  }),
  keep_alive_ms: field(MS.min(1).default(D.keepAliveMs), {
    description: "Milliseconds that a kept-alive connection may wait for its next request.",
    example: "75000",
  }),
  idle_ms: field(MS.min(1).default(D.idleMs), {
    description:
      "Milliseconds without any progress of a read or write that is under way before the connection is cut.",
    example: "60000",
  }),
  request_ms: field(MS.min(0).default(D.requestMs), {
    description:
      "Milliseconds from a complete request head to the first byte of the answer: 503 then. 0 = no limit.",
    example: "300000",
  }),
  connections: field(z.int().min(1).default(D.connections), {
    description: "Open connections in one process. Over it new ones are closed at once.",
    example: "20000",
  }),
  connections_per_client: field(count.default(D.connectionsPerClient), {
    description: "Open connections from one address. 0 = no limit.",
    example: "100",
  }),
  pipeline_depth: field(z.int().min(1).max(10_000).default(D.pipelineDepth), {
    description: "Requests read ahead of the one being answered on an HTTP/1.1 connection.",
    example: "64",
  }),
  requests_per_connection: field(count.default(D.requestsPerConnection), {
    description: "Requests on one connection before it is closed politely. 0 = no limit.",
    example: "10000",
  }),
  streams: field(z.int().min(1).max(65_535).default(D.streams), {
    description:
      "Concurrent streams that a client may have open on one HTTP/2 or HTTP/3 connection.",
    example: "128",
  }),
  resets: field(z.int().min(1).default(D.resets), {
    description:
      "Stream resets that a client may cause on one HTTP/2 or HTTP/3 connection in 30 seconds before the connection is closed.",
    example: "200",
  }),
} satisfies Record<SnakeCase<keyof Limits>, z.ZodType>);

/** `headerBytes` → `header_bytes`, so that the compiler sees a limit without a key. */
type SnakeCase<S extends string> = S extends `${infer Head}${infer Rest}`
  ? Head extends Lowercase<Head>
    ? `${Head}${SnakeCase<Rest>}`
    : `_${Lowercase<Head>}${SnakeCase<Rest>}`
  : S;
