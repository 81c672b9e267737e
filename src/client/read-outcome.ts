import type { Answer } from "./read-answer.ts";
import { readAnswer } from "./read-answer.ts";
import type { HttpClientError } from "./http-client-error.ts";
import { problemDocument } from "./problem-document.ts";

/** A call's outcome as it is at run time, when no types are known. */
export type AnyOutcome =
  | { ok: true; status: number; data: unknown; headers: Headers }
  | {
      ok: false;
      status: number;
      code: string;
      detail: string;
      problem: object;
      headers: Headers;
      errors?: unknown;
      cause?: unknown;
    };

/** Reads an answer to the end. @throws HttpClientError */
export async function readOutcome(answer: Answer, maxBytes: number): Promise<AnyOutcome> {
  const { status, headers } = answer.response;
  if (status < 400) return { ok: true, status, headers, data: await readAnswer(answer, maxBytes) };
  // An error page that is not what it says to be is an error all the same.
  const body = await readAnswer(answer, maxBytes).catch((error: unknown) => {
    if ((error as Partial<HttpClientError>).code === "bad_body") return undefined;
    throw error;
  });
  const problem = problemDocument(body) ?? {};
  const { code = `http_${status}`, detail = problem.title ?? `HTTP ${status}` } = problem;
  const errors = Array.isArray(problem["errors"]) ? { errors: problem["errors"] } : {};
  return { ok: false, status, code, detail, problem, headers, ...errors };
}

/** What a call comes to that had no whole answer. */
export function noAnswer(error: HttpClientError): AnyOutcome {
  const { code, message: detail, facts } = error;
  const headers = facts.headers ?? new Headers();
  return { ok: false, status: 0, code, detail, problem: {}, headers, cause: error };
}
