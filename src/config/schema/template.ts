import * as z from "zod";
import { locationTemplate } from "../../core/template/location-template.ts";
import type { TemplatePart } from "../../core/template/template.ts";
import { parseTemplate, TemplateError } from "../../core/template/template.ts";
import { suggest } from "../suggest.ts";

/** A text with `$1`, `$<name>` and `${variable}` in it. Whether there are such groups depends on what is beside it. */
export const textWithValues = withValues(() => undefined);

/** An address with values in it: a path beginning with "/", or one with scheme and host. */
export const addressWithValues = withValues(locationTemplate);

function withValues(compile: (parts: readonly TemplatePart[]) => unknown) {
  return z.string().superRefine((source, context) => {
    try {
      compile(parseTemplate(source));
    } catch (error) {
      const { message } = error as TemplateError;
      const params = { help: templateHelp(error) };
      context.addIssue({ code: "custom", message, params });
    }
  });
}

/** What may have been meant in the place of what is not known. */
export function templateHelp(error: unknown): string | undefined {
  if (!(error instanceof TemplateError) || error.word === undefined) return undefined;
  const close = suggest(error.word, error.candidates);
  return close === undefined ? undefined : `help: did you mean ${JSON.stringify(close)}?`;
}
