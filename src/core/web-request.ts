import type { Exchange } from "./exchange.ts";
import { streamFromSource } from "../wire/source.ts";

/** A web `Request` of an exchange. Its body is taken, not copied. */
export function webRequest(exchange: Exchange, url: URL, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of exchange.headers) headers.append(name, value);
  const { method, body } = exchange;
  const bodyless = body === null || method === "GET" || method === "HEAD";
  const request = new Request(url, {
    method,
    headers,
    signal,
    ...(!bodyless && { body: streamFromSource(body), duplex: "half" }),
  });
  return withMethod(request, method);
}

/**
 * A request with the method as it came. Runtimes write some in capitals, and Bun makes GET of those it does not
 * know: whoever decides by the method would take a request for a harmless one.
 */
export function withMethod(request: Request, method: string): Request {
  if (request.method !== method) Object.defineProperty(request, "method", { value: method });
  return request;
}
