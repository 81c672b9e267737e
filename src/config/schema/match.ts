import * as z from "zod";
import { TextPattern } from "../../core/routing/text-pattern.ts";
import { IpNetworks } from "../../http/ip-networks.ts";
import { field } from "./field.ts";
import { hostPattern, pathPattern } from "./text.ts";

const oneOrMore = <S extends z.ZodType>(item: S) => z.union([item, z.array(item).min(1)]);

/** Text, exact or a regular expression after `~`. */
const text = z.string().superRefine((value, context) => {
  if (!value.startsWith("~")) return;
  try {
    new TextPattern(value.slice(1));
  } catch (error) {
    const message = `is no expression that can be matched: ${(error as Error).message}`;
    context.addIssue({ code: "custom", message });
  }
});

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const KNOWN = /^(?:get|head|post|put|patch|delete|options|query)$/i;

const method = z.string().superRefine((value, context) => {
  let message: string | undefined;
  if (!TOKEN.test(value)) message = "must be a method such as GET";
  else if (KNOWN.test(value) && value !== value.toUpperCase())
    message = `is compared as it is written: write ${JSON.stringify(value.toUpperCase())}`;
  if (message !== undefined) context.addIssue({ code: "custom", message });
});

const network = z.string().superRefine((value, context) => {
  try {
    new IpNetworks([value]);
  } catch {
    const message =
      "must be an address or a network such as 192.0.2.0/24, or loopback, private or linklocal";
    context.addIssue({ code: "custom", message });
  }
});

const mediaType = z.string().superRefine((value, context) => {
  if (/^[\w!#$&^.+-]+\/(?:\*|[\w!#$&^.+-]+)$/.test(value)) return;
  const message = "must be a media type without parameters, such as application/json or image/*";
  context.addIssue({ code: "custom", message });
});

/** Name → text, `"*"` for any value, false for none at all, or a list of texts. */
const named = (what: string, example: string) =>
  field(z.record(z.string(), z.union([text, z.literal(false), z.array(text).min(1)])).optional(), {
    description: `${what}: each has to have the text, or match the regular expression after ~. "*" means any value, false that it is not sent, a list any of them.`,
    example,
  });

const certificate = z.strictObject({
  subject: field(text.optional(), {
    description: "The distinguished name as RFC 4514 writes it: exact, or ~ and a regexp.",
    example: '"~CN=robot-[0-9]+"',
  }),
  fingerprint: field(
    z
      .string()
      .regex(/^[0-9a-f]{64}$/, { error: "must be SHA-256 in 64 hexadecimal digits, lower case" })
      .optional(),
    {
      description: "SHA-256 of the certificate, lower-case hexadecimal without separators.",
      example: `"${"0f".repeat(32)}"`,
    },
  ),
  san: field(text.optional(), {
    description:
      "An alternative name with its kind, such as DNS:a.example: exact, or ~ and a regexp.",
    example: '"URI:spiffe://example.org/robot"',
  }),
});

const host = oneOrMore(hostPattern).optional();
const hostNotes = {
  description:
    "Host names: exact, *.example.com for exactly one label, or ~ and a regular expression. A list means any of them. Left out: every host.",
  example: '["example.com", "www.example.com"]',
  expected: "a host name or a list of host names",
};
const pathNotes = {
  description:
    "Paths: exact, a prefix ending in /*, a glob (* within a segment, **, ?, [a-z], {a,b}), or ~ and a regular expression. A list means any of them.",
  example: '"/images/*"',
  expected: "a path or a list of paths",
};

const conditions = {
  method: field(oneOrMore(method).optional(), {
    description:
      "Methods, GET with HEAD. Where no later route takes the method of a request either, the answer is 405.",
    example: '["GET", "POST"]',
    expected: "a method or a list of methods",
  }),
  header: named("Headers of the request by name", '{ "x-beta" = "*", accept = "~json" }'),
  query: named("Parameters of the query by name", '{ version = ["1", "2"] }'),
  cookie: named("Cookies by name", "{ session = false }"),
  content_type: field(oneOrMore(mediaType).optional(), {
    description:
      "The media type of the request's body, without parameters; image/* for all images.",
    example: '["application/json", "image/*"]',
    expected: "a media type or a list of media types",
  }),
  client: field(oneOrMore(network).optional(), {
    description:
      "Addresses and networks of the connection's other end; also loopback, private and linklocal.",
    example: '["10.0.0.0/8", "loopback"]',
    expected: "a network or a list of networks",
  }),
  protocol: field(
    oneOrMore(z.enum(["http1", "http2", "http3", "websocket", "grpc", "http", "https"])).optional(),
    {
      description: "What the request came by, or asks for (websocket, grpc). A list means any.",
      example: '"websocket"',
      expected: "http1, http2, http3, websocket, grpc, http, https or a list of these",
    },
  ),
  client_cert: field(z.union([z.literal(true), certificate]).optional(), {
    description:
      "A verified client certificate: true for any, or a table of what it has: subject, fingerprint, san.",
    example: "true",
    expected: "true or a table with subject, fingerprint or san",
  }),
};

/** One member of `any`, `not`, or the `when` of a rule: all of its matchers have to agree. */
export const matcherGroup = z
  .strictObject({
    host: field(host, hostNotes),
    path: field(oneOrMore(pathPattern).optional(), pathNotes),
    ...conditions,
  })
  .refine((value) => Object.keys(value).length > 0, { error: "must have a matcher" });

/** `match = { … }`: every matcher that is there has to agree. */
export const match = z.strictObject({
  host: field(host, hostNotes),
  path: field(oneOrMore(pathPattern).default("/*"), pathNotes),
  ...conditions,
  any: field(z.array(matcherGroup).min(1).optional(), {
    description: "Tables of matchers, of which at least one has to agree as a whole.",
    example: '[{ header = { "x-beta" = "1" } }, { client = "private" }]',
  }),
  not: field(matcherGroup.optional(), {
    description: "A table of matchers that must not agree as a whole.",
    example: '{ method = "GET" }',
  }),
});
