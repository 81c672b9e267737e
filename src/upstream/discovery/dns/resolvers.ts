import { readFileSync } from "node:fs";
import { isIP } from "node:net";

/** A DNS server. */
export interface Resolver {
  readonly host: string;
  readonly port: number;
}

/** How a machine asks (resolv.conf(5)). */
export interface ResolverSettings {
  readonly resolvers: readonly Resolver[];
  /** Domains that short names are completed with. */
  readonly search: readonly string[];
  /** Dots from which on a name is tried as it is first. */
  readonly ndots: number;
}

const LOCAL: Resolver = { host: "127.0.0.1", port: 53 };

/**
 * Reads the address of a DNS server: `10.0.0.2`, `10.0.0.2:5353`, `::1`, `[::1]:5353`.
 * @throws TypeError that completes "… "
 */
export function parseResolver(text: string): Resolver {
  if (isIP(text) !== 0) return { host: text, port: 53 };
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([\d.]+))(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1] ?? match?.[2] ?? "";
  const port = Number(match?.[3] ?? 53);
  if (isIP(host) === 0 || port < 1 || port > 65_535) {
    throw new TypeError("must be an IP address, with a port where it is not 53");
  }
  return { host, port };
}

/** What /etc/resolv.conf says. Read anew each time: it may change. */
export function systemResolvers(path = "/etc/resolv.conf"): ResolverSettings {
  let text = "";
  try {
    text = readFileSync(path, "utf8");
  } catch {
    // Without it the machine itself is asked.
  }
  return parseResolvConf(text);
}

export function parseResolvConf(text: string): ResolverSettings {
  const resolvers: Resolver[] = [];
  let search: string[] = [];
  let ndots = 1;
  for (const line of text.split("\n")) {
    const [key, ...values] = line
      .replace(/[#;].*$/, "")
      .trim()
      .split(/\s+/);
    const [first = ""] = values;
    // A zone (fe80::1%eth0) is the system's matter.
    if (key === "nameserver" && isIP(first) !== 0) resolvers.push({ host: first, port: 53 });
    else if (key === "search" || key === "domain") search = values;
    else if (key === "options") {
      const option = values.find((value) => value.startsWith("ndots:"));
      if (option !== undefined) ndots = Math.min(15, Number(option.slice(6)) || 0);
    }
  }
  return { resolvers: resolvers.length > 0 ? resolvers : [LOCAL], search, ndots };
}

/** The names to ask for, in order, of a name that may be short; with a final dot it is whole. */
export function candidateNames(
  name: string,
  { search, ndots }: Pick<ResolverSettings, "search" | "ndots">,
): string[] {
  if (name.endsWith(".")) return [name.slice(0, -1)];
  const longer = search.map((domain) => `${name}.${domain.replace(/\.$/, "")}`);
  return name.split(".").length - 1 >= ndots ? [name, ...longer] : [...longer, name];
}
