import * as z from "zod";
import { isCacheKey } from "../../../auth/forward-auth/decision-cache.ts";
import { field } from "../field.ts";
import { nonEmpty } from "../text.ts";
import { headerName, headerNames } from "./header-name.ts";

const cacheKey = z.string().superRefine((text, context) => {
  if (isCacheKey(text)) return;
  context.addIssue({ code: "custom", message: 'must be "cookie:NAME" or "header:NAME"' });
});

const cache = z.strictObject({
  secs: field(z.int().min(1).max(86_400), {
    description: "Seconds for which it is remembered who was let in. Refusals are not kept.",
    example: "30",
  }),
  by: field(z.array(cacheKey).min(1), {
    description:
      "What clients are known by: cookie:NAME and header:NAME. Requests that have none of these are asked for each time.",
    example: '["cookie:session", "header:Authorization"]',
    expected: 'a list of "cookie:NAME" and "header:NAME"',
  }),
  scope: field(z.enum(["uri", "path", "host"]).default("uri"), {
    description:
      "What an answer is good for: uri is the same method and address, path the same without the query, host all of a host. Take host only where the service looks at neither methods nor addresses.",
    example: '"host"',
  }),
  max_entries: field(z.int().min(1).max(10_000_000).default(10_000), {
    description: "Beyond so many the answer that was used longest ago is forgotten.",
    example: "1000",
  }),
});

export const forwardAuth = z.strictObject({
  type: field(z.literal("forward"), {
    description:
      "Lets in whom a service lets in, as Authelia and oauth2-proxy: it is asked about each request, without the body. 2xx lets in; redirects and 4xx go to the client as they are.",
    example: '"forward"',
  }),
  upstream: field(nonEmpty.optional(), {
    description: "The name of the [[upstream]] that is asked.",
    example: '"authelia"',
  }),
  path: field(
    z
      .string()
      .regex(/^\/[\x21\x22\x24-\x7e]*$/, {
        error: 'must be a path beginning with "/", in ASCII, with an optional query',
      })
      .optional(),
    {
      description: "The path, and query, that the upstream is asked for. Left out: /.",
      example: '"/api/authz/forward-auth"',
    },
  ),
  url: field(
    z
      .string()
      .regex(/^https?:\/\/[^\s/?#@]+(?:[/?][^\s#]*)?$/, {
        error: "must be an address beginning with https:// or http://",
      })
      .optional(),
    {
      description: "The address that is asked, in place of upstream and path.",
      example: '"http://127.0.0.1:9091/api/authz/forward-auth"',
    },
  ),
  method: field(z.enum(["GET", "HEAD", "POST"]).default("GET"), {
    description: "The method the service is asked with; X-Forwarded-Method has the client's.",
    example: '"HEAD"',
  }),
  request_headers: field(headerNames.optional(), {
    description:
      "Fields of the request that the service is sent; a * at the end stands for any rest. Left out: all but those of content, conditions and connections.",
    example: '["Cookie", "Authorization", "Accept"]',
  }),
  copy_headers: field(headerNames.default([]), {
    description:
      "Fields of the service's answer that the action finds in its request; a * at the end stands for any rest. What clients send under these names is always taken away.",
    example: '["Remote-User", "Remote-Groups"]',
  }),
  client_headers: field(headerNames.default([]), {
    description:
      "Fields of the service's answer that clients get with what they are let into, such as cookies it renews.",
    example: '["Set-Cookie"]',
  }),
  user_header: field(headerName.optional(), {
    description:
      'The field of the service\'s answer that says who it is, for rate_limit with key = "user".',
    example: '"Remote-User"',
  }),
  timeout_ms: field(z.int().min(1).max(600_000).default(5000), {
    description: "Milliseconds until the service's answer begins. Beyond it 504.",
    example: "1000",
  }),
  on_error: field(z.enum(["refuse", "allow"]).default("refuse"), {
    description:
      'What happens while the service fails: "refuse" answers 502 or 504, "allow" lets everybody in.',
    example: '"allow"',
  }),
  cache: field(cache.optional(), {
    description: "Remembers who was let in. Left out: the service is asked about every request.",
  }),
});
