import type { Scalar } from "./wire-types.ts";

/** How a value is written into a path, a query, a header or a form; undefined for what cannot be. */
export function writeScalar(value: Scalar): string | undefined {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
    case "boolean":
    case "bigint":
      return String(value);
    default:
      return (value as unknown) instanceof Date ? (value as Date).toISOString() : undefined;
  }
}

/**
 * Name and value of each entry: a list is as many, `null` and `undefined` are none.
 * @throws TypeError for a value that is neither text, number, boolean, date nor a list of these
 */
export function writeEntries(what: string, values: object): [name: string, value: string][] {
  return Object.entries(values).flatMap(([name, value]) => {
    const list: unknown[] = Array.isArray(value) ? value : [value];
    return list.flatMap((one): [string, string][] => {
      if (one === undefined || one === null) return [];
      const text = writeScalar(one as Scalar);
      if (text !== undefined) return [[name, text]];
      throw new TypeError(
        `${what} "${name}" must be text, a number, a boolean, a date or a list of them`,
      );
    });
  });
}
