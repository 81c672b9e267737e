import * as z from "zod";
import { field } from "../field.ts";
import { removable } from "../removable.ts";
import { auth } from "./auth.ts";
import { cacheControl } from "./cache-control.ts";
import { compress } from "./compress.ts";
import { cors } from "./cors.ts";
import { headerChanges } from "./headers.ts";
import { ipFilter } from "./ip-filter.ts";
import { maintenance } from "./maintenance.ts";
import { rateLimit } from "./rate-limit.ts";
import { requestId } from "./request-id.ts";
import { rewriteResponse } from "./rewrite-response.ts";
import { rewriteRules } from "./rewrite.ts";
import { securityHeaders } from "./security-headers.ts";
import { size } from "./size.ts";
import { wasmLayers } from "../wasm.ts";

/**
 * `[middleware]` and `[route.middleware]`: a new one is one more key here, a file beside this one, and one in
 * gateway/middleware.
 */
export const middleware = z.strictObject({
  request_id: field(removable(requestId).optional(), {
    description: "Gives every request an id, which backends and the client are told.",
  }),
  security_headers: field(removable(securityHeaders).optional(), {
    description: "Fields by which browsers protect a site, on refusals too.",
  }),
  ip_filter: field(removable(ipFilter).optional(), {
    description: "Answers some client addresses only.",
  }),
  maintenance: field(removable(maintenance).optional(), {
    description: "Answers 503 with Retry-After.",
  }),
  cors: field(removable(cors).optional(), {
    description: "Which pages of other origins may use this one; answers their preflights.",
  }),
  rate_limit: field(removable(rateLimit).optional(), {
    description: "Limits how often clients may ask; the counts hold over all processes.",
  }),
  auth: field(removable(auth).optional(), { description: "Who is let in." }),
  body_limit: field(removable(size).optional(), {
    description: 'Bytes a request\'s body may have, or a text such as "10MiB". Beyond it 413.',
    example: '"10MiB"',
    expected: 'bytes, or a size such as "10MiB"',
  }),
  timeout_ms: field(removable(z.int().min(1).max(2_147_483_647)).optional(), {
    description: "Milliseconds until an answer begins. Beyond it 504.",
    example: "5000",
  }),
  rewrite: field(removable(rewriteRules).optional(), {
    description:
      "Other addresses for requests, or redirects: rules that are gone through from the first to the last.",
    example: '[{ strip = "/api" }, { from = "~^/old/(.*)$", to = "/new/$1" }]',
    expected: 'a list of rules, such as [{ strip = "/api" }]',
  }),
  cache_control: field(removable(cacheControl).optional(), {
    description: "How long answers may be kept that say nothing about it themselves.",
  }),
  wasm: field(removable(wasmLayers).optional(), {
    description:
      "WebAssembly modules for http-wasm that stand around what is inside, the first outermost.",
  }),
  headers: field(removable(headerChanges).optional(), {
    description: "Changes fields of requests and answers.",
  }),
  compress: field(removable(compress).optional(), {
    description: "Compresses answers that are worth it.",
  }),
  rewrite_response: field(removable(rewriteResponse).optional(), {
    description: "Changes statuses of answers, and text in their bodies.",
  }),
});
