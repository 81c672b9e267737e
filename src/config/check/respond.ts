import { readFileSync, statSync } from "node:fs";
import { parseTemplate } from "../../core/template/template.ts";
import type { KeyPath } from "../path-key.ts";
import type { RouteConfig } from "../schema/config.ts";
import { reason } from "../values.ts";
import type { CheckContext } from "./check.ts";
import { checkValues } from "./values.ts";

type RespondAction = Extract<RouteConfig["action"], { type: "respond" }>;

const MOST_BYTES = 16 * 1024 * 1024;

/** One body at most, that can be read and sent, and values that can be put in. */
export function checkRespond(context: CheckContext, action: RespondAction, index: number): void {
  const at = ["route", index, "action"];
  const bodies = (["body", "file", "json"] as const).filter((key) => context.isSet([...at, key]));
  const [body, other] = bodies;
  if (body !== undefined && other !== undefined) {
    const message = `${context.name([...at, other])} and ${body} cannot both be the body: leave one out`;
    context.error([...at, other], "key", message);
  }
  if (body !== undefined && action[body] !== "" && [204, 205, 304].includes(action.status)) {
    context.error(
      [...at, body],
      "key",
      `${context.name([...at, body])} cannot be sent: an answer with status ${action.status} has none`,
    );
  }
  if (action.file !== undefined) checkFile(context, [...at, "file"], action, index);
  for (const [path, text] of textsOf(at, action)) {
    if (action.values) checkValues(context, path, text, index);
    else if (hasVariable(text)) {
      const message = `${context.name(path)} is sent as it is, with its \${ }`;
      context.warn(path, "value", message, "help: values = true puts in what they stand for");
    }
  }
}

function checkFile(
  context: CheckContext,
  path: KeyPath,
  { file = "", values }: RespondAction,
  index: number,
): void {
  try {
    const found = statSync(file);
    if (!found.isFile()) return context.error(path, "value", `${file} is no file`);
    if (found.size > MOST_BYTES) {
      const help = 'help: type = "static" streams files of any size';
      return context.error(path, "value", `${file} is larger than 16 MiB`, help);
    }
    const bytes = readFileSync(file);
    if (!values) return undefined;
    const text = textOf(bytes);
    if (text !== undefined) return checkValues(context, path, text, index);
    context.error(path, "value", `${file} is not UTF-8: values can only be put into text`);
  } catch (error) {
    context.error(path, "value", `cannot read ${file}: ${reason(error)}`);
  }
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Every text of an answer that may have values, with its place. */
function textsOf(at: KeyPath, { body, json, headers }: RespondAction): [KeyPath, string][] {
  const texts: [KeyPath, string][] = [[[...at, "body"], body]];
  for (const [name, value] of Object.entries(headers))
    texts.push([[...at, "headers", name], value]);
  const visit = (value: unknown, path: KeyPath): void => {
    if (typeof value === "string") texts.push([path, value]);
    if (typeof value !== "object" || value === null) return;
    const isList = Array.isArray(value);
    for (const [key, inner] of Object.entries(value)) {
      visit(inner, [...path, isList ? Number(key) : key]);
    }
  };
  visit(json, [...at, "json"]);
  return texts;
}

/** Whether a text looks as if it were meant to have one; other dollars are common in text. */
function hasVariable(text: string): boolean {
  return (text.match(/\$\{[a-z_]+(?::[^}]*)?\}/g) ?? []).some((one) => {
    try {
      parseTemplate(one);
      return true;
    } catch {
      return false;
    }
  });
}
