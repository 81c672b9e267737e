import type { Exchange } from "./exchange.ts";
import { streamFromSource } from "./source.ts";

/** A web `Request` of an exchange. Its body is taken, not copied. */
export function webRequest(exchange: Exchange, url: URL, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of exchange.headers) headers.append(name, value);
  const { method, body } = exchange;
  const bodyless = body === null || method === "GET" || method === "HEAD";
  return new Request(url, {
    method,
    headers,
    signal,
    ...(!bodyless && { body: streamFromSource(body), duplex: "half" }),
  });
}
