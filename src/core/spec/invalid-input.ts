import { HeaderList } from "../../http/header-list.ts";
import { HttpError } from "../errors.ts";
import type { SchemaIssue } from "./standard-schema.ts";

/** Where a value came from. */
export type InputPart = "params" | "query" | "headers" | "cookies" | "body";

/** One thing that is wrong with a request. */
export interface InputProblem {
  readonly in: InputPart;
  /** Keys and indices down to the value: `["address", "street"]`. */
  readonly path: readonly (string | number)[];
  /** Machine-readable, as the schema's library names it, or `invalid`. */
  readonly code: string;
  /** For people. */
  readonly message: string;
}

/** A request whose values are not what the route declares: 422, with all that is wrong at once. */
export class InvalidInput extends HttpError {
  readonly problems: readonly InputProblem[];

  constructor(problems: readonly InputProblem[]) {
    const detail = "The request has values that are not as they must be; see errors.";
    super(422, "invalid_input", detail, new HeaderList(), { errors: problems });
    this.name = "InvalidInput";
    this.problems = problems;
  }
}

/** How many problems of one request are told; a hostile body can have a million. */
const SHOWN_AT_MOST = 100;

/** A schema's issues as {@link InputProblem}s. */
export function problemsOf(part: InputPart, issues: readonly SchemaIssue[]): InputProblem[] {
  return issues.slice(0, SHOWN_AT_MOST).map(({ path, code, message }) => ({
    in: part,
    path: (path ?? []).map(keyOf),
    code: code ?? "invalid",
    message,
  }));
}

function keyOf(step: PropertyKey | { readonly key: PropertyKey }): string | number {
  const key = typeof step === "object" ? step.key : step;
  return typeof key === "number" ? key : String(key);
}
