import type { Schema } from "../core/spec/standard-schema.ts";

/** Whether a schema takes a value that is missing. One that answers later is taken not to. */
export function acceptsNothing(schema: Schema): boolean {
  try {
    const result = schema["~standard"].validate(undefined);
    if (!(result instanceof Promise)) return result.issues === undefined;
    result.catch(() => {});
    return false;
  } catch {
    return false;
  }
}
