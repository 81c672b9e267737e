import type { Inner, KeyPart, Pair, Statement, TomlNode } from "./scan.ts";
import { scanToml } from "./scan.ts";

/** Lists that are longer than this on one line are broken up. */
const WIDTH = 100;

/**
 * Formats a TOML document that parses: comments and the order of things stay, and so do values as they are
 * written. Formatting what is formatted changes nothing.
 */
export function formatToml(source: string): string {
  const text = source.replaceAll("\r\n", "\n").replace(/^\uFEFF/, "");
  const writer = new Writer(text);
  return writer.document(scanToml(text));
}

class Writer {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  document(statements: readonly Statement[]): string {
    const lines: string[] = [];
    // Comments wait for what follows them: those right above a header belong to it.
    let comments: string[] = [];
    let blank = false;
    const flush = () => {
      if (blank && lines.length > 0) lines.push("");
      lines.push(...comments);
      comments = [];
      blank = false;
    };
    for (const statement of statements) {
      if (statement.kind === "blank") {
        if (comments.length > 0) flush();
        blank = true;
      } else if (statement.kind === "comment") {
        comments.push(tidyComment(statement.text));
      } else {
        if (statement.kind === "header") blank = true;
        flush();
        lines.push(this.#statement(statement));
      }
    }
    if (comments.length > 0) flush();
    return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
  }

  #statement(statement: Extract<Statement, { kind: "header" | "pair" }>): string {
    const comment = statement.comment === undefined ? "" : ` ${tidyComment(statement.comment)}`;
    if (statement.kind === "pair") return this.#pair(statement.pair, "") + comment;
    const key = this.#key(statement.key);
    return (statement.array ? `[[${key}]]` : `[${key}]`) + comment;
  }

  #key(parts: readonly KeyPart[]): string {
    return parts.map(({ start, end }) => this.#text.slice(start, end)).join(".");
  }

  #pair({ key, value }: Pair, indent: string): string {
    const left = `${indent}${this.#key(key)} = `;
    return left + this.#value(value, indent, left.length);
  }

  /** @param before characters on the line before the value */
  #value(node: TomlNode, indent: string, before: number): string {
    if (node.kind === "scalar") return this.#text.slice(node.start, node.end);
    const onOneLine = this.#oneLine(node);
    if (onOneLine !== undefined && (node.kind === "table" || before + onOneLine.length <= WIDTH)) {
      return onOneLine;
    }
    const [open, close] = node.kind === "array" ? ["[", "]"] : ["{", "}"];
    const inside = `${indent}  `;
    const lines: string[] = [];
    for (const inner of node.inner as readonly Inner<TomlNode | Pair>[]) {
      if (inner.kind === "item") {
        lines.push(inside + this.#item(inner.item, inside).trimStart() + ",");
      } else if (inner.ownLine || lines.length === 0) {
        lines.push(inside + tidyComment(inner.text));
      } else {
        lines[lines.length - 1] += ` ${tidyComment(inner.text)}`;
      }
    }
    return `${open}\n${lines.join("\n")}\n${indent}${close}`;
  }

  #item(item: TomlNode | Pair, indent: string): string {
    return "key" in item ? this.#pair(item, indent) : this.#value(item, indent, indent.length);
  }

  /** The value on one line, or undefined where comments or long strings forbid that. */
  #oneLine(node: TomlNode): string | undefined {
    if (node.kind === "scalar") {
      const text = this.#text.slice(node.start, node.end);
      return text.includes("\n") ? undefined : text;
    }
    const items: string[] = [];
    for (const inner of node.inner as readonly Inner<TomlNode | Pair>[]) {
      if (inner.kind === "comment") return undefined;
      const value = this.#oneLine("key" in inner.item ? inner.item.value : inner.item);
      if (value === undefined) return undefined;
      items.push("key" in inner.item ? `${this.#key(inner.item.key)} = ${value}` : value);
    }
    if (node.kind === "array") return `[${items.join(", ")}]`;
    return items.length === 0 ? "{}" : `{ ${items.join(", ")} }`;
  }
}

/** One space after the sign, but for `#:schema` and rows of signs. */
function tidyComment(text: string): string {
  return /^#[^\s#:!]/.test(text) ? `# ${text.slice(1)}` : text;
}
