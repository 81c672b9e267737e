import { HeaderList } from "../http/header-list.ts";
import { HttpError } from "./errors.ts";

/** A kind of error made by {@link error}: `throw new NotFound("no user 7")`. */
export interface ErrorClass<Status extends number = number, Code extends string = string> {
  readonly status: Status;
  readonly code: Code;
  /** What clients read if the thrower says nothing. */
  readonly message: string;
  new (
    message?: string,
    options?: ErrorOptions,
  ): HttpError & {
    readonly status: Status;
    readonly code: Code;
  };
}

/** More about one error. */
export interface ErrorOptions {
  /** Fields the answer carries, such as `Retry-After`. */
  headers?: Record<string, string>;
  /** Further members of the problem document (RFC 9457 3.2). Clients see them. */
  members?: Record<string, unknown>;
  /** For logs; clients never see it. */
  cause?: unknown;
}

/**
 * Declares a kind of error that clients may see. Named in a route's `errors` it is in the OpenAPI document
 * and in the typed client's result.
 *
 * @param status 400 to 599
 * @param code stable and machine-readable: `user_not_found`
 * @example
 * const NotFound = error(404, "user_not_found", "There is no such user.");
 * throw new NotFound();
 */
export function error<const Status extends number, const Code extends string>(
  status: Status,
  code: Code,
  message: string = code.replaceAll("_", " "),
): ErrorClass<Status, Code> {
  if (!Number.isInteger(status) || status < 400 || status > 599) {
    throw new RangeError(`${status} is not the status of an error: use 400 to 599`);
  }
  return class extends HttpError {
    static readonly status = status;
    static readonly code = code;
    static readonly message = message;
    declare readonly status: Status;
    declare readonly code: Code;

    constructor(text = message, { headers, members, cause }: ErrorOptions = {}) {
      super(status, code, text, HeaderList.from(headers), members);
      if (cause !== undefined) this.cause = cause;
    }
  };
}
