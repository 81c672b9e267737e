import { HttpError } from "../../core/errors.ts";
import { problems } from "../../wire/http1/head-problem.ts";

/** What a handler's pull fails with when the client has ended its side too early. */
export function bodyIncomplete(): HttpError {
  const detail = "The client ended its side before its content was complete.";
  return new HttpError(400, "body_incomplete", detail);
}

/** What a handler's pull fails with when the client sends too slowly, or not at all. */
export function bodyTimeout(): HttpError {
  const { status, code, detail } = problems.body_timeout;
  return new HttpError(status, code, detail);
}
