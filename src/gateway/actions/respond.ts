import type { RouteConfig } from "../../config/schema/config.ts";
import type { Handler } from "../../core/handler.ts";
import { Reply } from "../../core/reply.ts";
import { HeaderList } from "../../http/header-list.ts";

type RespondAction = Extract<RouteConfig["action"], { type: "respond" }>;

/** Always the same answer, made once. */
export function respond(action: RespondAction): Handler {
  const headers = new HeaderList();
  const body = action.body === "" ? null : action.body;
  if (body !== null) headers.set("content-type", action.content_type);
  for (const [name, value] of Object.entries(action.headers)) headers.set(name, value);
  headers.freeze();
  const { status } = action;
  return () => new Reply(body, status, headers);
}
