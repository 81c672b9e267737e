import { parseArgs } from "node:util";

export interface BenchOptions {
  /** Servers to run, or undefined for all. */
  readonly only: readonly string[] | undefined;
  readonly cases: readonly string[] | undefined;
  readonly transports: readonly string[] | undefined;
  readonly rounds: number;
  readonly seconds: number;
  /** Neither memory nor start time. */
  readonly quick: boolean;
  /** Idle connections for the measure of memory. */
  readonly idle: number;
}

export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      cases: { type: "string" },
      transports: { type: "string" },
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "2" },
      idle: { type: "string", default: "10000" },
      quick: { type: "boolean", default: false },
    },
  });
  const count = (name: "rounds" | "seconds" | "idle") => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value > 0) return value;
    throw new Error(`--${name} takes a whole number above 0, not ${values[name]}`);
  };
  return {
    only: values.only?.split(","),
    cases: values.cases?.split(","),
    transports: values.transports?.split(","),
    rounds: count("rounds"),
    seconds: count("seconds"),
    idle: count("idle"),
    quick: values.quick,
  };
}

/** The members of `all` that `wanted` names. @throws on a name that is none */
export function pick<T extends { readonly name: string }>(
  all: readonly T[],
  wanted: readonly string[] | undefined,
  what: string,
): T[] {
  const names = all.map(({ name }) => name);
  const unknown = wanted?.find((name) => !names.includes(name));
  if (unknown === undefined) return all.filter(({ name }) => wanted?.includes(name) ?? true);
  throw new Error(`no ${what} ${unknown}: there are ${names.join(", ")}`);
}
