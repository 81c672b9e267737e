import type { RouteInfo } from "../core/route.ts";
import { isSchema } from "../core/spec/standard-schema.ts";
import type { Schema } from "../core/spec/standard-schema.ts";
import { statusText } from "../http/status.ts";
import type { Components } from "./components.ts";
import type { OpenApiResponse, Reference } from "./document.ts";
import { problemResponses } from "./problems.ts";

/** Every answer of an operation: what it returns by status, then its errors. */
export function responsesOf(
  route: RouteInfo,
  method: string,
  components: Components,
  hint: string,
): Record<string, OpenApiResponse | Reference> {
  const { returns } = route.spec;
  const declared: [string, Schema][] =
    returns === undefined ? [] : isSchema(returns) ? [["200", returns]] : Object.entries(returns);
  const successes = declared.map(([status, schema]): [string, OpenApiResponse] => {
    const description = statusText(Number(status)) || "An answer";
    if (method === "HEAD" || isBodyless(Number(status))) return [status, { description }];
    const body = components.schema(schema, "output", hint);
    return [status, { description, content: { "application/json": { schema: body } } }];
  });
  // Nothing is known of what it answers, but that it does.
  if (declared.length === 0) successes.push(["2XX", { description: "Success" }]);
  return Object.fromEntries([...successes, ...problemResponses(route, components)]);
}

/** RFC 9110 15: their answers have no content. */
function isBodyless(status: number): boolean {
  return status < 200 || status === 204 || status === 205 || status === 304;
}
