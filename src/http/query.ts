import type { Fields } from "./form-fields.ts";
import { fieldsFrom } from "./form-fields.ts";
import type { FieldLimits } from "./form-urlencoded.ts";
import { defaultFieldLimits, parseUrlEncoded } from "./form-urlencoded.ts";
import { RequestProblem } from "./request-problem.ts";

/**
 * The query of a request target as an object without a prototype; a name that came more than once has a list.
 * @param query without its "?", as sent
 * @throws RequestProblem 400 when it is not UTF-8 or holds too much
 * @example parseQuery("tag=a&tag=b&q=x+y") // { tag: ["a", "b"], q: "x y" }
 */
export function parseQuery(query: string, limits: FieldLimits = defaultFieldLimits): Fields {
  try {
    return fieldsFrom(parseUrlEncoded(query, limits));
  } catch (error) {
    // There is no content that could be too large.
    if (error instanceof RequestProblem && error.status === 413) {
      throw new RequestProblem(400, `query_${error.code}`, error.message);
    }
    throw error;
  }
}
