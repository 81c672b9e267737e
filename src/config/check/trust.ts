import { IpNetworks } from "../../http/ip-networks.ts";
import type { Check } from "./check.ts";

/** Who may speak for clients. */
export const checkTrust: Check = (context) => {
  const { trusted_proxies: trusted, proxy_protocol: header } = context.config.server;
  const at = ["server", "trusted_proxies"] as const;
  for (const [index, entry] of trusted.entries()) {
    try {
      new IpNetworks([entry]);
    } catch (error) {
      context.error([...at, index], "value", (error as Error).message);
    }
  }
  if (!header || trusted.length > 0 || context.isDamaged(at)) return;
  context.error(
    ["server", "proxy_protocol"],
    "key",
    "server.proxy_protocol needs server.trusted_proxies: anybody could claim any address",
    'help: add trusted_proxies = ["10.0.0.0/8"] with the addresses of your proxies',
  );
};
