import type { Context } from "../../core/context.ts";
import type { Middleware } from "../../core/middleware.ts";
import { steps } from "../../core/steps.ts";
import { error } from "../../core/error.ts";
import { IpNetworks } from "../../http/ip-networks.ts";

/** Who may come in. Entries are addresses, CIDR networks, and `loopback`, `private`, `linklocal`. */
export interface IpFilterOptions {
  /** Only these. Everybody, if left out. */
  allow?: readonly string[];
  /** Not these, whatever `allow` says. */
  deny?: readonly string[];
}

const Refused = error(403, "address_refused", "Requests from this address are not answered here.");

/**
 * Answers only some client addresses; others get 403. An IPv4 address written in IPv6 (`::ffff:192.0.2.1`)
 * is that IPv4 address. A client without an address, as on a Unix socket, is refused.
 *
 * The address is `c.ip`: behind a proxy put `trustedProxy` around this, or all clients have the proxy's.
 *
 * @throws TypeError at start when an entry is no address or network, or when there are none
 * @example
 * new App().group([ipFilter({ allow: ["10.0.0.0/8"], deny: ["10.0.66.0/24"] })], (inner) =>
 *   inner.get("/internal", () => "hello"),
 * );
 */
export function ipFilter({ allow, deny = [] }: IpFilterOptions): Middleware {
  if (allow === undefined && deny.length === 0) {
    throw new TypeError("ipFilter lets everybody in: give allow or deny");
  }
  const allowed = new IpNetworks(allow ?? ["0.0.0.0/0", "::/0"]);
  const denied = new IpNetworks(deny);
  const enter = ({ ip }: Context): void => {
    if (!allowed.has(ip) || denied.has(ip)) throw new Refused();
  };
  return steps("ip-filter", { enter }, { errors: [Refused] });
}
