import type { Context } from "../../core/context.ts";
import type { Middleware } from "../../core/middleware.ts";
import { Reply } from "../../core/reply.ts";
import { steps } from "../../core/steps.ts";
import { parseTemplate, plainText } from "../../core/template/template.ts";
import type { TextTemplate } from "../../core/template/text-template.ts";
import { textTemplate } from "../../core/template/text-template.ts";
import { withHeaders } from "../../core/with-headers.ts";
import { FieldNames } from "../../http/field-names.ts";
import type { HeaderList } from "../../http/header-list.ts";
import { checkField } from "../../http/header-list.ts";
import { changeable } from "../reply-fields.ts";
import type { TextReplacer, TextRule } from "../text-rule.ts";
import { textReplacer } from "../text-rule.ts";

/** Changes of fields: first what goes, then what is set, then what is added, then what is replaced in values. */
export interface HeaderChanges {
  /** Names of fields that go. */
  readonly remove?: readonly string[];
  /** Fields in place of those of the same name. */
  readonly set?: Readonly<Record<string, string>>;
  /** Fields beside those of the same name. */
  readonly add?: Readonly<Record<string, string>>;
  /** What is replaced in the values of fields that are there. */
  readonly replace?: readonly HeaderReplacement[];
}

export interface HeaderReplacement extends TextRule {
  /** Of the fields it is for. */
  readonly name: string;
}

export interface RewriteHeadersOptions {
  /** Fields as what is inside finds them. */
  readonly request?: HeaderChanges;
  /** Fields as what is outside finds them. */
  readonly response?: HeaderChanges;
  /**
   * Whether `$1`, `${host}` and the like in `set` and `add` stand for values of the request; in `replace` they always
   * do. Default false.
   */
  readonly values?: boolean;
}

/**
 * Changes header fields of requests on their way in, and of answers on their way out. What is set in a request stays
 * also where the client lists it in `Connection`, and what is set or removed the client says in trailers neither, nor
 * with underscores in the place of hyphens.
 *
 * @throws TypeError, SyntaxError, TemplateError at start on a name, expression or value that cannot be
 * @example
 * new App()
 *   .use(rewriteHeaders({
 *     request: { set: { "X-From": "edge" } },
 *     response: { remove: ["Server"], replace: [{ name: "Link", from: "http://", to: "https://" }] },
 *   }))
 *   .get("/", ({ requestHeaders }) => `from ${requestHeaders.get("X-From")}`);
 */
export function rewriteHeaders(options: RewriteHeadersOptions): Middleware {
  const { request = {}, response = {}, values = false } = options;
  const inward = changesOf(request, values);
  const outward = changesOf(response, values);
  const gone = new FieldNames([...Object.keys(request.set ?? {}), ...(request.remove ?? [])]);
  const ours = new FieldNames([
    ...Object.keys({ ...request.set, ...request.add }),
    ...(request.remove ?? []),
    ...(request.replace ?? []).map(({ name }) => name),
  ]);
  const replaced = [...(response.remove ?? []), ...Object.keys(response.set ?? {})];
  const enter =
    inward &&
    ((c: Context): void => {
      const headers = c.exchange.headers.clone();
      ours.unlistFrom(headers);
      gone.removeAlike(headers);
      inward.fields(headers, c);
      inward.values(headers, c);
      c.exchange = withHeaders(c.exchange, headers, ours);
    });
  const leave =
    outward &&
    ((c: Context, reply: Reply): Reply => {
      if (reply === Reply.TAKEN) return reply;
      const own = changeable(reply);
      const pending = c.pendingHeaders;
      // What is pending wins over what the reply has, so what is replaced must go there too.
      if (pending !== undefined) {
        for (const name of replaced) pending.delete(name);
        outward.values(pending, c);
      }
      outward.fields(own.headers, c);
      outward.values(own.headers, c);
      return own;
    });
  return steps("headers", { enter, leave });
}

type Change = (headers: HeaderList, c: Context) => void;

/** @returns undefined where there is nothing to do */
function changesOf(
  { set = {}, add = {}, remove = [], replace = [] }: HeaderChanges,
  values: boolean,
): { fields: Change; values: Change } | undefined {
  const setting = fieldsOf(set, values);
  const adding = fieldsOf(add, values);
  const replacing = replace.map(({ name, ...rule }): [string, TextReplacer] => {
    checkField(name, "");
    return [name.toLowerCase(), textReplacer(rule, "header")];
  });
  for (const name of remove) checkField(name, "");
  if (remove.length + setting.length + adding.length + replacing.length === 0) return undefined;
  return {
    fields(headers, c) {
      for (const name of remove) headers.delete(name);
      for (const [name, value] of setting) headers.set(name, value(c));
      for (const [name, value] of adding) headers.append(name, value(c));
    },
    values(headers, c) {
      for (const [name, change] of replacing) {
        headers.replaceValues(name, (value) => change(value, c));
      }
    },
  };
}

function fieldsOf(
  fields: Readonly<Record<string, string>>,
  values: boolean,
): [name: string, value: TextTemplate][] {
  return Object.entries(fields).map(([name, source]) => {
    const parts = values ? parseTemplate(source) : [source];
    checkField(name, plainText(parts) ?? "");
    return [name, values ? textTemplate(parts, "header") : () => source];
  });
}
