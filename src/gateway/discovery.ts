import type { Environment } from "../config/environment.ts";
import type { DiscoveryConfig } from "../config/schema/config.ts";
import type { DiscoverySource } from "../upstream/discovery/discovery-source.ts";
import type { DnsOptions } from "../upstream/discovery/dns/dns-source.ts";
import { fromDns, fromDnsService } from "../upstream/discovery/dns/dns-source.ts";
import { fromEnvironment, variablesWith } from "../upstream/discovery/env-source.ts";
import type { ApiTls } from "../upstream/discovery/api-client.ts";
import { fromConsul } from "../upstream/discovery/consul-source.ts";
import { fromDocker } from "../upstream/discovery/docker-source.ts";
import { fromEtcd } from "../upstream/discovery/etcd-source.ts";
import { fromKubernetes } from "../upstream/discovery/kubernetes/kubernetes-source.ts";
import { readPem } from "./settings.ts";
import { fromFile } from "../upstream/discovery/file-source.ts";

/**
 * What a `discovery` of an `[[upstream]]` comes to. Reads certificates.
 * @param upstream its name
 */
export function discoverySource(
  config: DiscoveryConfig,
  upstream: string,
  env: Environment,
): DiscoverySource {
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
    case "docker": {
      const { address, service = upstream, network, port, published, scheme } = config;
      const options = given({ address, service, network, port, published, scheme });
      return fromDocker({ ...options, tls: apiTls(config) });
    }
    case "consul": {
      const { addresses, service, tags, datacenter, token, warning, scheme } = config;
      const options = given({ addresses, service, tags, datacenter, token, warning, scheme });
      return fromConsul({ ...options, tls: apiTls(config) });
    }
    case "etcd": {
      const { addresses, prefix, user, password } = config;
      const options = given({ addresses, prefix, user, password });
      return fromEtcd({ ...options, tls: apiTls(config) });
    }
    case "kubernetes": {
      const { service, namespace, port, scheme, token } = config;
      const { api_server: apiServer, token_file: tokenFile } = config;
      const options = given({ service, namespace, port, scheme, token, apiServer, tokenFile });
      return fromKubernetes({ ...options, tls: apiTls(config) }, env);
    }
  }
}

function apiTls({ ca, cert, key }: Extract<DiscoveryConfig, { ca?: unknown }>): ApiTls {
  return given({ ca: ca && readPem(ca), cert: cert && readPem(cert), key: key && readPem(key) });
}

type Given<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Only what was set. */
function given<T extends object>(options: T): Given<T> {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Given<T>;
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
