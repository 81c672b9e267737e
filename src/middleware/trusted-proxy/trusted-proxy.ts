import { DerivedExchange } from "../../core/derived-exchange.ts";
import type { Middleware } from "../../core/middleware.ts";
import { middleware } from "../../core/middleware.ts";
import { redispatch } from "../../core/redispatch.ts";
import { hostName } from "../../core/routing/route-table.ts";
import type { TrustedProxyOptions } from "./forwarded-reader.ts";
import { forwardedReader } from "./forwarded-reader.ts";

/**
 * Believes trusted proxies about where a request comes from: `c.ip`, `c.scheme`, `c.host`, `c.url` and
 * `c.forwarded` are the client's then.
 *
 * A field counts only when the connection comes from a trusted address. Its hops are walked from the right,
 * the end that the nearest proxy wrote: the first address that is not trusted is the client, and whatever
 * stands left of it is what the client claims. A hop that is no address (`unknown`, `_hidden`, rubbish) ends
 * the walk at the proxy that wrote it.
 *
 * Put it first, since what stands around it sees the connection's own address. Routes of other hosts
 * (`App.host`) are found by the host that is told.
 *
 * @throws TypeError at start when an entry of `trust` is no address or network
 * @example
 * new App()
 *   .use(trustedProxy({ trust: ["10.0.0.0/8", "loopback"] }))
 *   .get("/ip", ({ ip }) => ip);
 */
export function trustedProxy(options: TrustedProxyOptions): Middleware {
  const read = forwardedReader(options);
  const layer: Middleware = middleware("trusted-proxy", (c, next) => {
    const told = read(c.exchange);
    if (told === undefined) return next();
    c.forwarded = told;
    const { exchange, route } = c;
    const { scheme, authority } = told;
    if (route.routedByHost !== true || hostName(authority) === hostName(exchange.authority)) {
      return next();
    }
    // What the handler is told must not be another host than the one whose route it is.
    return redispatch(c, new DerivedExchange(exchange, { scheme, authority }), layer);
  });
  return layer;
}
