import * as z from "zod";
import { TextPattern } from "../../core/routing/text-pattern.ts";
import { field } from "./field.ts";
import { textWithValues } from "./template.ts";

const from = z
  .string()
  .min(1)
  .superRefine((text, context) => {
    if (!text.startsWith("~")) return;
    try {
      new TextPattern(text.slice(1));
    } catch (error) {
      const message = `is no expression that can be matched: ${(error as Error).message}`;
      context.addIssue({ code: "custom", message });
    }
  });

/** What is replaced in a text. */
export const textRule = {
  from: field(from, {
    description: "The text, or ~ and a regular expression. It is found as often as it is there.",
    example: '"http://"',
  }),
  to: field(textWithValues, {
    description: "What stands in its place, with $1, $<name> and ${variable} in it.",
    example: '"https://"',
  }),
};
