import { readFileSync } from "node:fs";
import type { RouteConfig } from "../../config/schema/config.ts";
import type { Handler } from "../../core/handler.ts";
import { repliesOnly } from "../../core/handler.ts";
import { Reply } from "../../core/reply.ts";
import type { TemplatePart } from "../../core/template/template.ts";
import { parseTemplate, plainText } from "../../core/template/template.ts";
import type { TextKind, TextTemplate } from "../../core/template/text-template.ts";
import { textTemplate } from "../../core/template/text-template.ts";
import { HeaderList } from "../../http/header-list.ts";
import { essenceOf, typeOfFile, UNKNOWN_TYPE, withCharset } from "../../http/media-type.ts";
import { jsonTemplate } from "./json-template.ts";

type RespondAction = Extract<RouteConfig["action"], { type: "respond" }>;

/** The same answer to everybody, or one with values of the request in it; all but those is made once. */
export function respond(action: RespondAction): Handler {
  const { status } = action;
  const { body, type } = contentOf(action);
  const headers = new HeaderList();
  if (body !== null) headers.set("content-type", type);
  const changing: (readonly [string, TextTemplate])[] = [];
  for (const [name, value] of Object.entries(action.headers)) {
    const template = action.values ? templateOf(parseTemplate(value), "header") : value;
    if (typeof template === "string") headers.set(name, template);
    else changing.push([name, template]);
  }
  headers.freeze();
  if (typeof body !== "function" && changing.length === 0) {
    const reply = Object.freeze(new Reply(body, status, headers));
    return repliesOnly(() => reply);
  }
  return (c) => {
    const own = changing.length === 0 ? headers : headers.clone();
    for (const [name, template] of changing) own.set(name, template(c));
    return new Reply(typeof body === "function" ? body(c) : body, status, own);
  };
}

interface Content {
  readonly body: string | Uint8Array | TextTemplate | null;
  readonly type: string;
}

/** @throws Error when a file is gone since it was checked */
function contentOf(action: RespondAction): Content {
  const { body, file, json, values } = action;
  const type = action.content_type ?? typeOf(action);
  if (json !== undefined) {
    return { body: values ? templateOf(jsonTemplate(json), "json") : JSON.stringify(json), type };
  }
  if (file === undefined) return { body: textOf(body, values, type), type };
  const bytes = readFileSync(file);
  return { body: values ? textOf(bytes.toString(), values, type) : bytes, type };
}

function textOf(text: string, values: boolean, type: string): Content["body"] {
  if (text === "") return null;
  return values ? templateOf(parseTemplate(text), kindOf(type)) : text;
}

function typeOf({ file, json }: RespondAction): string {
  if (json !== undefined) return "application/json";
  const type = file === undefined ? "text/plain" : (typeOfFile(file) ?? UNKNOWN_TYPE);
  return withCharset(type, "utf-8");
}

/** What a client may have chosen must not become markup, or more than the text that it stands in. */
function kindOf(type: string): TextKind {
  const essence = essenceOf(type);
  if (essence === "text/html" || /[/+]xml$/.test(essence)) return "html";
  return /[/+]json$|\/(?:javascript|ecmascript|x-javascript)$/.test(essence) ? "json" : "text";
}

/** Text where nothing is to be put in. */
function templateOf(parts: readonly TemplatePart[], kind: TextKind): string | TextTemplate {
  return plainText(parts) ?? textTemplate(parts, kind);
}
