import type { Schema, SchemaResult } from "./standard-schema.ts";
import { isSchema } from "./standard-schema.ts";
import type { Spec } from "./types.ts";

/** Takes a result through the schema of its status, so that undeclared fields never leave. */
export type Encode = (value: unknown, status: number) => unknown;

/** Compiles `returns`. Undefined when results go out as they are. */
export function compileEncode({ returns, encode }: Spec): Encode | undefined {
  if (returns === undefined || encode === false) return undefined;
  if (isSchema(returns)) return (value) => through(returns, value);
  const byStatus = returns as Readonly<Record<number, Schema>>;
  return (value, status) => {
    const schema = byStatus[status];
    return schema === undefined ? value : through(schema, value);
  };
}

/** The status of a result that is a plain value: the lowest 2xx that `returns` declares, or 200. */
export function plainStatus({ returns }: Spec): number {
  if (returns === undefined || isSchema(returns)) return 200;
  const successes = Object.keys(returns)
    .map(Number)
    .filter((status) => status >= 200 && status < 300);
  return Math.min(...successes, 299) === 299 ? 200 : Math.min(...successes);
}

function through(schema: Schema, value: unknown): unknown {
  const result = schema["~standard"].validate(value);
  return result instanceof Promise ? result.then(valueOf) : valueOf(result);
}

/** @throws TypeError: what the handler answered is not what the route declares, which is the server's fault */
function valueOf(result: SchemaResult<unknown>): unknown {
  if (result.issues === undefined) return result.value;
  const issues = result.issues.map(({ path, message }) => {
    const keys = (path ?? []).map((step) => String(typeof step === "object" ? step.key : step));
    return keys.length === 0 ? message : `${keys.join(".")}: ${message}`;
  });
  throw new TypeError(`the handler's result is not what returns declares: ${issues.join("; ")}`);
}
