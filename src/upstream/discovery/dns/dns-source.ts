import type { BackendOptions } from "../../backend-options.ts";
import { backendUrl } from "../backend-url.ts";
import type { DiscoverySource } from "../discovery-source.ts";
import { pause } from "../pause.ts";
import type { AddressType } from "./addresses.ts";
import { Addresses } from "./addresses.ts";
import type { AddressRecord } from "./message.ts";
import { resolve } from "./resolve.ts";
import type { ResolverSettings } from "./resolvers.ts";
import { parseResolver, systemResolvers } from "./resolvers.ts";

/** Between questions, whatever times to live and settings say. */
const LEAST_MS = 100;

/** How DNS is asked. */
export interface DnsOptions {
  /** How the backends are spoken to: a scheme of a backend. Default `http`. */
  readonly scheme?: string;
  /** DNS servers: addresses, with a port where it is not 53. Default: those of /etc/resolv.conf. */
  readonly resolvers?: readonly string[];
  /** Seconds that an answer holds at least and at most. Default 1 and 300. */
  readonly minTtl?: number;
  readonly maxTtl?: number;
}

export interface DnsAddressOptions extends DnsOptions {
  readonly name: string;
  readonly port: number;
  /** Which addresses are used. Default `any`. */
  readonly family?: "any" | "ipv4" | "ipv6";
}

/**
 * A backend for each address that DNS has for a name, asked for again when its time to live is over. A name that
 * has no address for a while keeps those it had, and so does a kind of address that no server answers for.
 *
 * @throws TypeError for a resolver that is no address
 * @example
 * const api = new Upstream({
 *   name: "api",
 *   backends: [],
 *   discovery: fromDns({ name: "api.internal", port: 8080 }),
 * });
 * api.start();
 */
export function fromDns({
  name,
  port,
  family = "any",
  ...options
}: DnsAddressOptions): DiscoverySource {
  const types: readonly AddressType[] =
    family === "any" ? BOTH : family === "ipv4" ? ["A"] : ["AAAA"];
  const addresses = new Addresses(name, types);
  const { scheme = "http" } = options;
  return repeated(`dns ${name}`, options, async (settings, signal) => {
    const found = await addresses.ask(settings, signal);
    if (found.length === 0) throw new Error(`DNS has no address for ${name}`);
    return {
      ttl: Math.min(...found.map(({ ttl }) => ttl)),
      backends: found.map(({ address }) => backendAt(scheme, address, port, name)),
    };
  });
}

export interface DnsServiceOptions extends DnsOptions {
  /** `_http._tcp.api.internal` */
  readonly name: string;
}

/**
 * Backends from SRV records (RFC 2782), asked for again when their time to live is over: those of the lowest
 * priority share the load by weight, the others are backups.
 *
 * @throws TypeError for a resolver that is no address
 * @example
 * const api = new Upstream({
 *   name: "api",
 *   backends: [],
 *   discovery: fromDnsService({ name: "_http._tcp.api.internal" }),
 * });
 * api.start();
 */
export function fromDnsService({ name, ...options }: DnsServiceOptions): DiscoverySource {
  const { scheme = "http" } = options;
  const targets = new Map<string, Addresses>();
  return repeated(`dns_srv ${name}`, options, async (settings, signal) => {
    const { records, ttl, additional } = await resolve(name, "SRV", settings, signal);
    // RFC 2782: "." says that there is no such service.
    const services = records.filter(({ target }) => target !== "");
    if (services.length === 0) throw new Error(`DNS has no servers for ${name}`);
    const named = new Set(services.map(({ target }) => target));
    for (const target of targets.keys()) if (!named.has(target)) targets.delete(target);
    // A target is whole (RFC 2782).
    for (const target of named) {
      if (!targets.has(target)) targets.set(target, new Addresses(`${target}.`, BOTH));
    }
    const first = Math.min(...services.map(({ priority }) => priority));
    let least = ttl;
    const backends = await Promise.all(
      services.map(async ({ target, port, priority, weight }) => {
        const known = additional.filter(
          (one): one is AddressRecord => "address" in one && one.name === target,
        );
        const asked = targets.get(target) as Addresses;
        const addresses = known.length > 0 ? known : await asked.ask(settings, signal);
        for (const one of addresses) least = Math.min(least, one.ttl);
        return addresses.map(({ address }) => ({
          ...backendAt(scheme, address, port, target),
          // RFC 2782: 0 is hardly any, and our least is 1.
          weight: Math.max(1, weight),
          ...(priority > first && { backup: true }),
        }));
      }),
    );
    if (backends.every(({ length }) => length === 0)) {
      throw new Error(`DNS has no address for any server of ${name}`);
    }
    return { ttl: least, backends: backends.flat() };
  });
}

const BOTH: readonly AddressType[] = ["A", "AAAA"];

function backendAt(scheme: string, address: string, port: number, name: string): BackendOptions {
  return { url: backendUrl(scheme, address, port), serverName: name.replace(/\.$/, "") };
}

/** Asks for as long as anybody wants to know, at the pace of the answers' time to live. */
function repeated(
  name: string,
  { resolvers = [], minTtl = 1, maxTtl = 300 }: DnsOptions,
  ask: (
    settings: ResolverSettings,
    signal: AbortSignal,
  ) => Promise<{ backends: BackendOptions[]; ttl: number }>,
): DiscoverySource {
  const given = resolvers.map(parseResolver);
  return {
    name,
    async *watch(signal) {
      while (!signal.aborted) {
        const system = systemResolvers();
        const settings = given.length === 0 ? system : { ...system, resolvers: given };
        const { backends, ttl } = await ask(settings, signal);
        yield backends;
        // A little later than the records end, and not all gateways at once.
        const seconds = Math.min(Math.max(ttl, minTtl), maxTtl);
        await pause(Math.max(LEAST_MS, seconds * 1000) * (1 + Math.random() / 20), signal);
      }
    },
  };
}
