import type { Environment } from "../config/environment.ts";
import type { DiscoveryConfig } from "../config/schema/config.ts";
import type { DiscoverySource } from "../upstream/discovery/discovery-source.ts";
import type { DnsOptions } from "../upstream/discovery/dns/dns-source.ts";
import { fromDns, fromDnsService } from "../upstream/discovery/dns/dns-source.ts";
import { fromEnvironment, variablesWith } from "../upstream/discovery/env-source.ts";
import { fromFile } from "../upstream/discovery/file-source.ts";

/** What a `discovery` of an `[[upstream]]` comes to. */
export function discoverySource(config: DiscoveryConfig, env: Environment): DiscoverySource {
  switch (config.type) {
    case "file":
      return fromFile(config.path);
    case "env":
      return fromEnvironment(config.prefix, env);
    case "dns": {
      const { name, port, family } = config;
      return fromDns({ name, port, family, ...dnsOptions(config) });
    }
    case "dns_srv":
      return fromDnsService({ name: config.name, ...dnsOptions(config) });
  }
}

function dnsOptions({
  scheme,
  resolvers,
  min_ttl_secs: minTtl,
  max_ttl_secs: maxTtl,
}: Extract<DiscoveryConfig, { type: "dns" | "dns_srv" }>): DnsOptions {
  return { scheme, resolvers, minTtl, maxTtl };
}

/** What a discovery knows besides its settings at the time they are read: with other facts it is another one. */
export function factsOf(config: DiscoveryConfig | undefined, env: Environment): unknown {
  return config?.type === "env" ? variablesWith(config.prefix, env) : undefined;
}
