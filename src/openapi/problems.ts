import type { RouteInfo } from "../core/route.ts";
import { statusText } from "../http/status.ts";
import type { Components } from "./components.ts";
import type { OpenApiResponse, Reference } from "./document.ts";
import { factsOf } from "./facts.ts";
import type { JsonSchemaObject } from "./json-schema.ts";
import type { BodyForm } from "./request-body.ts";
import { bodyForms } from "./request-body.ts";
import { pascalCase } from "./words.ts";

/** One error of an operation. */
interface Problem {
  readonly status: number;
  /** Undefined where there are too many to name. */
  readonly code: string | undefined;
  readonly message: string;
}

/** The document of an error (RFC 9457). */
const PROBLEM: JsonSchemaObject = {
  type: "object",
  description: "What went wrong, as RFC 9457 has it.",
  properties: {
    type: { type: "string", format: "uri-reference" },
    title: { type: "string", description: "The reason phrase of the status." },
    status: { type: "integer" },
    code: { type: "string", description: "Stable and machine-readable." },
    detail: { type: "string", description: "For people: what to do." },
  },
  required: ["type", "title", "status", "code", "detail"],
};

const INPUT_PROBLEM: JsonSchemaObject = {
  type: "object",
  description: "One thing that is wrong with a request.",
  properties: {
    in: { enum: ["params", "query", "headers", "cookies", "body"] },
    path: { type: "array", items: { type: ["string", "integer"] } },
    code: { type: "string", description: "Machine-readable." },
    message: { type: "string", description: "For people." },
  },
  required: ["in", "path", "code", "message"],
};

/** The errors of a route by status: its own, those of its middleware, and what refused input gets. */
export function problemResponses(
  route: RouteInfo,
  components: Components,
): [status: string, Reference][] {
  const byStatus = new Map<number, Problem[]>();
  for (const problem of problemsOf(route)) {
    const others = byStatus.get(problem.status);
    if (others === undefined) byStatus.set(problem.status, [problem]);
    else if (!others.some(({ code }) => code === problem.code)) others.push(problem);
  }
  return [...byStatus]
    .toSorted(([a], [b]) => a - b)
    .map(([status, problems]) => [String(status), respond(status, problems, components)]);
}

function problemsOf(route: RouteInfo): Problem[] {
  const { spec } = route;
  const facts = factsOf(route);
  const declared = [...(spec.errors ?? []), ...facts.flatMap(({ errors }) => errors ?? [])];
  const extracted = facts.some(({ parameter }) => parameter?.schema !== undefined);
  return [
    ...declared.map(({ status, code, message }) => ({ status, code, message })),
    ...ofInput(spec),
    ...(extracted ? [INVALID] : []),
    ...(spec.timeout === undefined ? [] : [TIMEOUT]),
  ];
}

const TIMEOUT = problem(504, "timeout", "The answer took too long.");
const INVALID = problem(
  422,
  "invalid_input",
  "The request has values that are not as they must be; see errors.",
);

/** What is answered where input is declared and is not so; see `compilePrepare`. */
function ofInput(spec: RouteInfo["spec"]): Problem[] {
  const forms = bodyForms(spec);
  const checked = [
    spec.params,
    spec.query,
    spec.headers,
    spec.cookies,
    ...forms.map((one) => one.schema),
  ];
  return [
    ...forms.flatMap(({ kind }) => UNREADABLE[kind]),
    ...(forms.length === 0 ? [] : [UNSUPPORTED]),
    ...(checked.some((schema) => schema !== undefined) ? [INVALID] : []),
  ];
}

const UNSUPPORTED = problem(
  415,
  "unsupported_media_type",
  "Send the body as a type that is listed.",
);
const TOO_LARGE = problem(413, "body_too_large", "The body has more bytes than are allowed.");
const NOT_UTF8 = problem(400, "invalid_utf8", "The body is not valid UTF-8.");

const UNREADABLE: Readonly<Record<BodyForm["kind"], readonly Problem[]>> = {
  json: [
    problem(400, "invalid_json", "The body cannot be read: send JSON (RFC 8259)."),
    NOT_UTF8,
    problem(
      400,
      "forbidden_key",
      'The keys "__proto__" and "constructor.prototype" are not allowed.',
    ),
    TOO_LARGE,
  ],
  text: [NOT_UTF8, TOO_LARGE],
  form: [
    { status: 400, code: undefined, message: "" },
    { status: 413, code: undefined, message: "" },
  ],
  bytes: [TOO_LARGE],
};

function problem(status: number, code: string, message: string): Problem {
  return { status, code, message };
}

function respond(status: number, problems: readonly Problem[], components: Components): Reference {
  const general = components.shared("Problem", PROBLEM);
  const named = problems.filter(({ code }) => code !== undefined);
  const codes = named.map(({ code }) => code as string);
  const own: Record<string, unknown> = { status: { const: status } };
  if (named.length === problems.length) own["code"] = { enum: codes };
  if (problems.includes(INVALID)) {
    own["errors"] = { type: "array", items: components.shared("InputProblem", INPUT_PROBLEM) };
  }
  const examples = Object.fromEntries(
    named.map(({ code, message }) => [code, { value: example(status, code as string, message) }]),
  );
  const title = statusText(status);
  const response: OpenApiResponse = {
    description: title === "" ? `Error ${status}` : title,
    content: {
      "application/problem+json": {
        schema: { allOf: [general, { type: "object", properties: own }] },
        ...(named.length > 0 && { examples }),
      },
    },
  };
  const [only] = codes;
  const name = problems.length === 1 && only !== undefined ? pascalCase(only) : pascalCase(title);
  return components.response(name === "" ? `Error${status}` : name, response);
}

function example(status: number, code: string, detail: string): unknown {
  const errors =
    code === INVALID.code
      ? {
          errors: [{ in: "query", path: ["page"], code: "invalid_type", message: "Invalid input" }],
        }
      : {};
  return { type: "about:blank", title: statusText(status), status, code, detail, ...errors };
}
