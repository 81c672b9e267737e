import * as z from "zod";
import { TextPattern } from "../../core/routing/text-pattern.ts";
import { field } from "./field.ts";
import { textWithValues } from "./template.ts";

const beginning = z.string().superRefine((from, context) => {
  let message: string | undefined;
  if (from.startsWith("~")) {
    try {
      new TextPattern(from.slice(1));
    } catch (error) {
      message = `is no expression that can be matched: ${(error as Error).message}`;
    }
  } else if (!/^(?:\/|https?:\/\/[^/])[\x21-\x7e]*$/i.test(from)) {
    message = 'must be how an address begins, such as "http://app.internal:8080/" or "/app/"';
  }
  if (message !== undefined) context.addIssue({ code: "custom", message });
});

const target = textWithValues.refine((to) => /^(?:\/|https?:\/\/|\$)[\x21-\x7e]*$/i.test(to), {
  error: 'must be an address or a path beginning with "/", in ASCII without spaces',
});

const rule = z.strictObject({
  from: field(beginning, {
    description:
      "How the address begins, or ~ and a regular expression that is found in it: then all of it is replaced.",
    example: '"http://app.internal:8080/shop/"',
  }),
  to: field(target, {
    description: "What stands in the place of it, with $1, $<name> and ${variable} in it.",
    example: '"/shop/"',
  }),
});

const DOMAIN = /^\.?[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/;

/** A table from one kind of text to another. */
function table(
  keyOk: (key: string) => boolean,
  key: string,
  valueOk: (value: string) => boolean,
  value: string,
) {
  return z.record(z.string(), z.string()).superRefine((record, context) => {
    for (const [from, to] of Object.entries(record)) {
      const at = { code: "custom" as const, path: [from] };
      if (!keyOk(from)) context.addIssue({ ...at, message: key, params: { part: "key" } });
      else if (!valueOk(to)) context.addIssue({ ...at, message: value });
    }
  });
}

const isPath = (text: string): boolean => /^\/[\x21-\x3a\x3c-\x7e]*$/.test(text);

/** What of a backend's answer is made to fit the address that clients see. */
export const replyRewriting = {
  location: field(z.union([z.enum(["auto", "off"]), z.array(rule).min(1)]).default("auto"), {
    description:
      "What becomes of Location, Content-Location and Refresh: auto puts the public origin in the place of the backend's own, a list of tables with from and to comes before that, off leaves them as they are.",
    example: '[{ from = "/", to = "/shop/" }]',
    expected: '"auto", "off" or a list of tables with from and to',
  }),
  cookie_domain: field(
    table(
      (from) => from === "*" || DOMAIN.test(from),
      'must be a domain, or "*" for all of them',
      (to) => to === "" || DOMAIN.test(to),
      'must be a domain, or "" for none',
    ).default({}),
    {
      description:
        'Domains of cookies that backends set, each with what stands in its place; "" takes it away, "*" is every other one.',
      example: '{ "app.internal" = "example.com" }',
    },
  ),
  cookie_path: field(
    table(isPath, 'must begin with "/"', isPath, 'must begin with "/"').default({}),
    {
      description:
        "How paths of cookies that backends set begin, each with what stands in its place; the longest that fits counts.",
      example: '{ "/" = "/shop/" }',
    },
  ),
};
