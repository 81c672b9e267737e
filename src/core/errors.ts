import { HeaderList } from "../http/header-list.ts";
import { statusText } from "../http/status.ts";
import { Reply } from "./reply.ts";

/**
 * An error a client may see: a stable code, an HTTP status and a message that says what to do.
 * Sent as `application/problem+json` (RFC 9457).
 */
export class HttpError extends Error {
  readonly status: number;
  /** Stable and machine-readable, such as `path_encoded_slash`. */
  readonly code: string;
  /** Fields the answer must carry, such as `Allow` or `Retry-After`. */
  readonly headers: HeaderList;
  /** Further members of the problem document, such as `errors` of a failed validation. */
  readonly members: Readonly<Record<string, unknown>> | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    headers = new HeaderList(),
    members?: Readonly<Record<string, unknown>>,
  ) {
    super(message);
    this.name = "HttpError";
    this.status = status;
    this.code = code;
    this.headers = headers;
    this.members = members;
  }

  toReply(): Reply {
    return problem(this.status, this.code, this.message, this.headers, this.members);
  }
}

const HTTP_ERROR: unique symbol = Symbol.for("sluice.http-error");
Object.defineProperty(HttpError.prototype, HTTP_ERROR, { value: 1 });

/** Whether an error is for the client to see: one of this copy of the package, or of another. */
export function isHttpError(error: unknown): error is HttpError {
  if (error instanceof HttpError) return true;
  return typeof error === "object" && error !== null && HTTP_ERROR in error;
}

const encoder = new TextEncoder();

/** An RFC 9457 answer. `detail` is for people and says what to do. */
export function problem(
  status: number,
  code: string,
  detail: string,
  headers = new HeaderList(),
  members?: Readonly<Record<string, unknown>>,
): Reply {
  const body = JSON.stringify({
    ...members,
    type: "about:blank",
    title: statusText(status),
    status,
    code,
    detail,
  });
  const list = headers.clone();
  list.set("content-type", "application/problem+json");
  return new Reply(encoder.encode(body + "\n"), status, list);
}
