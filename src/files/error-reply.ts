import type { HttpError } from "../core/errors.ts";
import type { Exchange } from "../core/exchange.ts";
import { Reply } from "../core/reply.ts";
import { preferredType } from "../http/accept.ts";
import { statusText } from "../http/status.ts";
import { escapeHtml } from "../internal/escape-html.ts";

/** An error as a small page for browsers, and as `application/problem+json` for everybody else. */
export function errorReply(exchange: Exchange, error: HttpError): Reply {
  const accept = exchange.headers.joined("accept");
  if (preferredType(accept, ["application/problem+json", "text/html"]) !== "text/html") {
    const reply = error.toReply();
    reply.headers.append("Vary", "Accept");
    return reply;
  }
  const headers = error.headers.clone();
  headers.set("Content-Type", "text/html; charset=utf-8");
  headers.append("Vary", "Accept");
  return new Reply(page(error.status, error.message), error.status, headers);
}

function page(status: number, text: string): string {
  const title = `${status} ${statusText(status)}`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 20vh auto 0; padding: 0 1.5rem }
h1 { font-size: 1.5rem; font-weight: 600; margin: 0 0 .5rem }
p { margin: 0; opacity: .75 }
</style>
<h1>${title}</h1>
<p>${escapeHtml(text)}</p>
</html>
`;
}
