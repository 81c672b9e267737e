import { HttpError } from "./errors.ts";
import type { Application, ErrorReport } from "./exchange.ts";
import { FetchExchange } from "./fetch-exchange.ts";

/** Unknown errors are told on the console where nobody else listens. */
const onConsole: ErrorReport = (error, _exchange, id) => {
  console.error(`a request failed (${id}):`, error);
};

/** Answers a web `Request` through an application. */
export async function fetchThrough(
  app: Application,
  request: Request,
  report = onConsole,
): Promise<Response> {
  try {
    const exchange = new FetchExchange(request);
    const reply = await app.handle(exchange, report);
    if (request.method !== "HEAD") return reply.toResponse();
    reply.discard();
    return new Response(null, { status: reply.status, headers: new Headers([...reply.headers]) });
  } catch (error) {
    if (error instanceof HttpError) return error.toReply().toResponse();
    throw error;
  }
}
