import type { Scalar } from "./wire-types.ts";
import { writeScalar } from "./write-scalar.ts";

/** Values for the parameters of a path. */
export type PathValues = Readonly<Record<string, unknown>>;

const PARAMETER = /^:([A-Za-z0-9_]+)(?:\{.*\})?(\?)?$/s;

/**
 * Fills `/users/:id`, `/files/*rest` … with values, each encoded so that it stays in its segment; only the
 * slashes of a tail divide. A plain `*` is filled by the value named `*`.
 * @throws TypeError for a value that is missing, and for one that would be another path: empty, `.` or `..`
 */
export function fillPath(pattern: string, values: PathValues = {}): string {
  let path = "";
  for (const part of pattern.slice(1).split("/")) {
    if (part.startsWith("*")) {
      const name = part.slice(1) || "*";
      const tail = textOf(pattern, name, values[name] ?? "");
      path += `/${tail
        .split("/")
        .map((segment) => encodeSegment(pattern, name, segment))
        .join("/")}`;
      continue;
    }
    const [, name, optional] = PARAMETER.exec(part) ?? [];
    if (name === undefined) {
      path += `/${part}`;
      continue;
    }
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined || value === null) {
      if (optional !== undefined) continue;
      throw new TypeError(
        `${pattern} needs a value for "${name}": give { params: { ${name}: … } }`,
      );
    }
    const text = textOf(pattern, name, value);
    if (text === "") throw new TypeError(`${pattern}: "${name}" may not be empty`);
    path += `/${encodeSegment(pattern, name, text)}`;
  }
  return path === "" ? "/" : path;
}

function textOf(pattern: string, name: string, value: unknown): string {
  const text = writeScalar(value as Scalar);
  if (text === undefined) {
    throw new TypeError(`${pattern}: "${name}" must be text, a number, a boolean or a date`);
  }
  // encodeURIComponent has no bytes for half a surrogate pair.
  return text.toWellFormed();
}

/** URL parsers take `.` and `..` for steps, with their dots encoded too (URL 4.5): there is no way to write them. */
function encodeSegment(pattern: string, name: string, text: string): string {
  if (text === "." || text === "..") {
    throw new TypeError(
      `${pattern}: "${name}" may not be ${JSON.stringify(text)}, a step to another path`,
    );
  }
  return encodeURIComponent(text);
}
