import * as z from "zod";
import { TextPattern } from "../../../core/routing/text-pattern.ts";
import { field } from "../field.ts";
import { matcherGroup } from "../match.ts";
import { textWithValues } from "../template.ts";
import { pathPattern } from "../text.ts";

const from = z.string().superRefine((text, context) => {
  const problem = text.startsWith("~") ? expressionProblem(text.slice(1)) : pathProblem(text);
  if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
});

function expressionProblem(source: string): string | undefined {
  try {
    new TextPattern(source);
    return undefined;
  } catch (error) {
    return `is no expression that can be matched: ${(error as Error).message}`;
  }
}

function pathProblem(text: string): string | undefined {
  if (/[*?[{]/.test(text)) return "must be one path, or ~ and a regular expression";
  const { error } = pathPattern.safeParse(text);
  return error?.issues[0]?.message;
}

const prefix = z
  .string()
  .regex(/^\/[\x21\x22\x24-\x3e\x40-\x7e]*[\x21\x22\x24-\x2e\x30-\x3e\x40-\x7e]\/?$/, {
    error: 'must be a path such as "/api"',
  });

const to = textWithValues.refine(
  (text) => /^(?:\/(?!\/)|https?:\/\/|\$)[\x21-\x7e]*$/i.test(text),
  { error: 'must be a path beginning with "/", or an address, in ASCII without spaces' },
);

export const rewriteRule = z.strictObject({
  from: field(from.optional(), {
    description: "The path, exact or ~ and a regular expression that is found in it.",
    example: '"~^/articles/([0-9]+)$"',
  }),
  to: field(to.optional(), {
    description:
      "What becomes of it: a path, for a redirect also an address, with $1, $<name> and ${variable} in it.",
    example: '"/posts/$1"',
  }),
  strip: field(prefix.optional(), {
    description: "In place of from and to: a prefix that is cut off.",
    example: '"/api"',
  }),
  add: field(prefix.optional(), {
    description: "In place of from and to: a prefix for every path that does not have it.",
    example: '"/v1"',
  }),
  when: field(matcherGroup.optional(), {
    description:
      "Matchers as in route.match, all of which have to agree; path and query are those that the rules before have made.",
    example: '{ method = "GET", header = { x-beta = "1" } }',
  }),
  redirect: field(z.literal([301, 302, 303, 307, 308]).optional(), {
    description: "Tells the client to go there, with this status, in the place of answering.",
    example: "308",
  }),
  go: field(z.enum(["next", "stop", "route"]).default("next"), {
    description:
      "next goes on with the next rule and, behind the last, with the action; stop with the action at once; route looks for the route of the new path, with what stands around that one.",
    example: '"stop"',
  }),
  keep_query: field(z.boolean().default(true), {
    description: "Whether the query of the request goes on, behind that of to.",
    example: "false",
  }),
});

export const rewriteRules = z.array(rewriteRule).min(1);
