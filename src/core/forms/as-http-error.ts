import { RequestProblem } from "../../http/request-problem.ts";
import { HttpError } from "../errors.ts";

/** What the parsers of `http/` refuse, as the error that handlers and clients know; anything else as it is. */
export function asHttpError(error: unknown): unknown {
  return error instanceof RequestProblem
    ? new HttpError(error.status, error.code, error.message)
    : error;
}
