import { HeaderList } from "../http/header-list.ts";
import { HttpError } from "./errors.ts";
import type { Exchange } from "./exchange.ts";

/** A list for fields behind the body. @throws HttpError 501 where they could go nowhere and would be lost silently */
export function trailersOf({ detached }: Exchange): HeaderList {
  if (detached !== true) return new HeaderList();
  const detail = "A web Response has no trailers: serve the app to send fields behind the body.";
  throw new HttpError(501, "no_connection", detail);
}
