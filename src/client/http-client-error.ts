import type { SchemaIssue } from "../core/spec/standard-schema.ts";
import type { ProblemDocument } from "./problem-document.ts";

/**
 * Why there is no result: `unreachable` no connection, or it broke; `timed_out`; `too_large` an answer over the
 * limit; `bad_status` 400 or more; `bad_body` not what was asked for: no JSON, or not as the schema wants it.
 */
export type HttpClientErrorCode =
  | "unreachable"
  | "timed_out"
  | "too_large"
  | "bad_status"
  | "bad_body";

/** What more is known of a failure. */
export interface HttpClientErrorFacts {
  readonly method: string;
  /** Without its query, which may hold secrets. */
  readonly url: string;
  /** How often the request was sent. */
  readonly sent?: number;
  readonly status?: number;
  readonly headers?: Headers;
  /** The problem document (RFC 9457) of a `bad_status`, where one came. */
  readonly problem?: ProblemDocument | undefined;
  /** What the schema found in a `bad_body`. */
  readonly issues?: readonly SchemaIssue[];
  readonly cause?: unknown;
}

/** A request that came to nothing. */
export class HttpClientError extends Error {
  readonly code: HttpClientErrorCode;
  readonly facts: HttpClientErrorFacts;

  constructor(code: HttpClientErrorCode, what: string, facts: HttpClientErrorFacts) {
    const { cause } = facts;
    super(`${facts.method} ${facts.url}: ${what}`, cause === undefined ? {} : { cause });
    this.name = "HttpClientError";
    this.code = code;
    this.facts = facts;
  }

  /** Undefined where no answer came. */
  get status(): number | undefined {
    return this.facts.status;
  }
}

/** What an error says of a request. */
export function factsOf(request: Request): { method: string; url: string } {
  const end = request.url.search(/[?#]/);
  return { method: request.method, url: end < 0 ? request.url : request.url.slice(0, end) };
}
