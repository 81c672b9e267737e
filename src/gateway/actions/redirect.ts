import type { RouteConfig } from "../../config/schema/config.ts";
import type { Handler } from "../../core/handler.ts";
import { Reply } from "../../core/reply.ts";
import { HeaderList } from "../../http/header-list.ts";

type RedirectAction = Extract<RouteConfig["action"], { type: "redirect" }>;

/** A redirect; of what the request brings, at most the rest of its path and its query go along. */
export function redirect(action: RedirectAction): Handler {
  const { status, keep_path: keepPath, keep_query: keepQuery } = action;
  const { base, query, fragment } = splitTarget(action.to);
  if (!keepPath && !keepQuery) {
    const headers = new HeaderList(["Location", action.to]).freeze();
    return () => new Reply(null, status, headers);
  }
  return (c) => {
    let location = base;
    if (keepPath) location = join(base, c.rest);
    const sent = keepQuery ? c.exchange.query : "";
    if (query !== "" || sent !== "") {
      location += `?${query}${query !== "" && sent !== "" ? "&" : ""}${sent}`;
    }
    const headers = new HeaderList();
    headers.set("Location", location + fragment);
    return new Reply(null, status, headers);
  };
}

function splitTarget(to: string): { base: string; query: string; fragment: string } {
  const [, base, query, fragment] = /^([^?#]*)\??([^#]*)(#.*)?$/.exec(to) as unknown as string[];
  return { base: base as string, query: query as string, fragment: fragment ?? "" };
}

/** One slash between the two. More of them would let `//evil.example` name another host (an open redirect). */
function join(base: string, rest: string): string {
  const tail = rest.replace(/^\/+/, "");
  return base.endsWith("/") ? base + tail : `${base}/${tail}`;
}
