import { HttpError } from "./errors.ts";
import type { Application } from "./exchange.ts";
import { FetchExchange } from "./fetch-exchange.ts";

/** Answers a web `Request` through an application. Unknown errors are told on the console, as nobody else listens. */
export async function fetchThrough(app: Application, request: Request): Promise<Response> {
  try {
    const exchange = new FetchExchange(request);
    const reply = await app.handle(exchange, (error, _exchange, id) => {
      console.error(`a request failed (${id}):`, error);
    });
    if (request.method !== "HEAD") return reply.toResponse();
    reply.discard();
    return new Response(null, { status: reply.status, headers: new Headers([...reply.headers]) });
  } catch (error) {
    if (error instanceof HttpError) return error.toReply().toResponse();
    throw error;
  }
}
