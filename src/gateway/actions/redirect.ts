import type { RouteConfig } from "../../config/schema/config.ts";
import type { Handler } from "../../core/handler.ts";
import { redirectReply } from "../../core/replies.ts";
import { Reply } from "../../core/reply.ts";
import { locationTemplate } from "../../core/template/location-template.ts";
import { hasVariable, parseTemplate, plainText } from "../../core/template/template.ts";
import { HeaderList } from "../../http/header-list.ts";

type RedirectAction = Extract<RouteConfig["action"], { type: "redirect" }>;

/** A redirect; of what the request brings, what the target asks for, and its query. */
export function redirect(action: RedirectAction): Handler {
  const { status, keep_path: keepPath } = action;
  const parts = parseTemplate(action.to);
  // What says the query itself need not have it twice.
  const saysQuery = hasVariable(parts, "uri") || hasVariable(parts, "query");
  const keepQuery = action.keep_query && !saysQuery;
  const to = plainText(parts);
  if (!keepPath && !keepQuery && to !== undefined) {
    const headers = new HeaderList(["Location", to]).freeze();
    return () => new Reply(null, status, headers);
  }
  const { base, query, fragment } = locationTemplate(parts);
  return (c) => {
    let location = base(c);
    if (keepPath) location = join(location, c.rest);
    const own = query(c);
    const sent = keepQuery ? c.exchange.query : "";
    if (own !== "" || sent !== "") {
      location += `?${own}${own !== "" && sent !== "" ? "&" : ""}${sent}`;
    }
    return redirectReply(location + fragment(c), status);
  };
}

/** One slash between the two. More of them would let `//evil.example` name another host (an open redirect). */
function join(base: string, rest: string): string {
  const tail = rest.replace(/^\/+/, "");
  return base.endsWith("/") ? base + tail : `${base}/${tail}`;
}
