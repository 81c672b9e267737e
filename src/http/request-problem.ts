/**
 * What is wrong with a message, as the pure parsers of this floor say it: a status, a stable code and what to
 * do. `core/` makes an `HttpError` of it.
 */
export class RequestProblem extends Error {
  readonly status: 400 | 413 | 415;
  readonly code: string;

  constructor(status: 400 | 413 | 415, code: string, message: string) {
    super(message);
    this.name = "RequestProblem";
    this.status = status;
    this.code = code;
  }
}
