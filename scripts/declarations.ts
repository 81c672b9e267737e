import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface Declaration {
  /** What its TSDoc comment says, without the stars; "" if it has none. */
  readonly doc: string;
  readonly signature: string;
}

export interface Exported {
  readonly name: string;
  readonly isType: boolean;
  /** Several for overloads. */
  readonly declarations: readonly Declaration[];
}

/** `export { A, B as C } from "…"`, as entry points are written. */
const EXPORTS = /^export (type )?\{([^}]*)\} from "([^"]+)";/gm;
const DECLARED =
  /^(?:export )?(?:declare )?(?:abstract )?(class|function|const|let|interface|type|enum|namespace) ([\w$]+)/;

/**
 * What a file of declarations, as the compiler writes them, exports from others.
 * @throws Error when something is not declared where it is said to be
 */
export function findExports(path: string): Exported[] {
  const text = readFileSync(path, "utf8");
  return [...text.matchAll(EXPORTS)].flatMap(([, type, names = "", from = ""]) => {
    const file = join(dirname(path), from.replace(/\.ts$/, ".d.ts"));
    const list = names.split(",").map((name) => name.trim());
    return list
      .filter((name) => name !== "")
      .map((name) => {
        const found = find(file, name);
        return { ...found, isType: type !== undefined || found.isType };
      });
  });
}

function find(file: string, item: string): Exported {
  const [inside = "", name = inside] = item.replace(/^type /, "").split(" as ");
  const found = declarationsOf(file).filter((one) => one.name === inside);
  if (found.length === 0) return findFurther(file, inside, name);
  const isType = found.every(({ kind }) => kind === "interface" || kind === "type");
  const declarations = found.map(({ doc, signature }) => {
    return { doc, signature: signature.replace(inside, name) };
  });
  return { name, isType, declarations };
}

/** What a file only passes on. */
function findFurther(file: string, inside: string, name: string): Exported {
  const further = findExports(file).find((one) => one.name === inside);
  if (further === undefined) throw new Error(`${file} does not declare ${inside}`);
  return { ...further, name };
}

interface Named extends Declaration {
  readonly kind: string;
  readonly name: string;
}

/** A declaration begins at the left edge; what belongs to it is indented or closes a bracket. */
function declarationsOf(file: string): Named[] {
  const found: Named[] = [];
  const lines = readFileSync(file, "utf8").split("\n");
  let doc = "";
  for (let at = 0; at < lines.length; at++) {
    const first = at;
    if (lines[at]!.startsWith("/**")) {
      while (!lines[at]!.includes("*/")) at++;
      doc = plain(lines.slice(first, at + 1));
      continue;
    }
    while (/^[\s})\]]/.test(lines[at + 1] ?? "")) at++;
    const [, kind, name] = DECLARED.exec(lines[first]!) ?? [];
    if (kind !== undefined && name !== undefined) {
      found.push({ kind, name, doc, signature: tidy(lines.slice(first, at + 1)) });
    }
    doc = "";
  }
  return found;
}

/** A comment without its stars. */
function plain(lines: readonly string[]): string {
  const text = lines.join("\n").replace(/^\/\*\*|\*\/$/g, "");
  return text.replace(/^\s*\* ?/gm, "").trim();
}

function tidy(lines: readonly string[]): string {
  const shown = lines.filter((line) => !/^\s*(#private;|private .*)$/.test(line));
  const text = shown.map((line) =>
    line.replace(/^ +/, (indent) => indent.replaceAll("    ", "  ")),
  );
  return text
    .join("\n")
    .trim()
    .replace(/^(?:export )?(?:declare )?/, "");
}
