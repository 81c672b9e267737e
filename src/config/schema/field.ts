import type * as z from "zod";

/** What every key of the configuration says of itself, for diagnostics, the JSON Schema and the reference. */
export interface FieldNotes {
  /** One or two sentences; says the unit. */
  description: string;
  /** A value as it is written in TOML. */
  example?: string;
  /** Completes "must be …" where the type alone does not say it. */
  expected?: string;
  /** A path in the file system, relative to the file that has it (to the working directory from elsewhere). */
  path?: boolean;
  /** Words that are not paths where `path` is set, such as "stdout". */
  words?: readonly string[];
  /** The name of a variable of the environment, which the checked configuration has the value of. */
  variable?: boolean;
  /** The value, with all that is in it, is not for diagnostics to show. */
  secret?: boolean;
}

const NOTES = new WeakMap<z.ZodType, FieldNotes>();

/** Attaches notes to a schema. Call it last: wrappers such as `default` do not carry notes along. */
export function field<S extends z.ZodType>(schema: S, notes: FieldNotes): S {
  const described = schema.meta({ description: notes.description }) as S;
  NOTES.set(described, notes);
  return described;
}

export function notesOf(schema: z.ZodType): FieldNotes | undefined {
  return NOTES.get(schema);
}
