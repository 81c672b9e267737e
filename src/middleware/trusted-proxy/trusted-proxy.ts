import type { Middleware } from "../../core/middleware.ts";
import { middleware } from "../../core/middleware.ts";
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
 * Put it first, since what stands around it sees the connection's own address.
 *
 * @throws TypeError at start when an entry of `trust` is no address or network
 * @example
 * new App()
 *   .use(trustedProxy({ trust: ["10.0.0.0/8", "loopback"] }))
 *   .get("/ip", ({ ip }) => ip);
 */
export function trustedProxy(options: TrustedProxyOptions): Middleware {
  const read = forwardedReader(options);
  return middleware("trusted-proxy", (c, next) => {
    c.forwarded = read(c.exchange) ?? c.forwarded;
    return next();
  });
}
