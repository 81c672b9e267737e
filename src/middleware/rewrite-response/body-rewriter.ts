import type { Context } from "../../core/context.ts";
import type { TextKind } from "../../core/template/text-template.ts";
import type { TextReplacer, TextRule } from "../text-rule.ts";
import { textReplacer } from "../text-rule.ts";
import { bytesOfText, textOfBytes, utf8Text } from "./byte-text.ts";

/** Makes other bytes of a body; undefined when they would be too many. */
export type BodyRewriter = (bytes: Uint8Array, type: string, c: Context) => Uint8Array | undefined;

/**
 * @param most bytes that may come out
 * @throws SyntaxError, TypeError, TemplateError
 */
export function bodyRewriter(rules: readonly TextRule[], most: number): BodyRewriter {
  const kinds: Record<"html" | "json" | "text", TextReplacer[]> = {
    html: compile(rules, "html", most),
    json: compile(rules, "json", most),
    text: compile(rules, "text", most),
  };
  return (bytes, type, c) => {
    const before = textOfBytes(bytes);
    let text = before;
    try {
      for (const replace of kinds[kindOf(type)]) text = replace(text, c);
    } catch (error) {
      if (error instanceof TooLarge) return undefined;
      throw error;
    }
    return text === before ? bytes : bytesOfText(text);
  };
}

/** How values that clients choose are escaped, so that they stay within their place. */
function kindOf(type: string): "html" | "json" | "text" {
  if (/html|xml/.test(type)) return "html";
  return /json|javascript|ecmascript/.test(type) ? "json" : "text";
}

class TooLarge extends Error {}

function compile(rules: readonly TextRule[], kind: TextKind, most: number): TextReplacer[] {
  return rules.map((rule) => {
    const replace = textReplacer(rule, kind, utf8Text);
    return rule.from.startsWith("~") ? byLine(replace, most) : whole(replace, rule.from, most);
  });
}

/** An expression sees one line at a time, so that what it looks at has an end. */
function byLine(replace: TextReplacer, most: number): TextReplacer {
  return (text, c) => {
    const lines = text.split("\n");
    let size = 0;
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i] as string;
      const end = line.endsWith("\r") ? "\r" : "";
      lines[i] = replace(end === "" ? line : line.slice(0, -1), c) + end;
      size += (lines[i] as string).length + 1;
      if (size > most) throw new TooLarge();
    }
    return lines.join("\n");
  };
}

function whole(replace: TextReplacer, from: string, most: number): TextReplacer {
  const wanted = utf8Text(from);
  return (text, c) => {
    if (!text.includes(wanted)) return text;
    let found = 0;
    for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
      found++;
    }
    const each = replace(wanted, c).length;
    if (text.length + found * (each - wanted.length) > most) throw new TooLarge();
    return replace(text, c);
  };
}
