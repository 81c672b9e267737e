import { statSync } from "node:fs";
import { resolve } from "node:path";
import { parseDuration } from "../internal/parse-duration.ts";
import { parseSize } from "../internal/parse-size.ts";
import type { NetworkRules } from "./host/network-rules.ts";
import { MiB } from "./sizes.ts";

/** Where a guest's HTTP requests may go, and how large and long they may be. */
export interface NetworkOptions {
  /**
   * Names and addresses, such as `api.example.com`, `*.example.com` (any name below it), `192.0.2.7`. `*` alone
   * allows every one.
   */
  readonly hosts: readonly string[];
  /** Default: 443. */
  readonly ports?: readonly number[];
  /** Default: both `https` and `http`. */
  readonly schemes?: readonly ("http" | "https")[];
  /**
   * Whether a name may lead to an address that is not public: loopback, private, link-local. Without it, a name
   * whose owner points it at your network is refused. Default false.
   */
  readonly privateAddresses?: boolean;
  /** Whether redirects are followed, each one checked like the first request. Default true. */
  readonly followRedirects?: boolean;
  /** For one request with its redirects: `"5s"` or milliseconds. Default `"10s"`. */
  readonly timeout?: number | string;
  /** Default `"1MiB"`. */
  readonly maxRequestBytes?: number | string;
  /** Default `"4MiB"`. */
  readonly maxResponseBytes?: number | string;
  /** Requests of the sandbox at a time. Default 8. */
  readonly maxConcurrent?: number;
}

/**
 * One thing a guest is allowed. Given to `.allow(…)` of the builder; without any, a guest has its input, a clock,
 * random bytes, its key-value store and its log.
 */
export type Capability =
  | { readonly kind: "network"; readonly rules: NetworkRules }
  | { readonly kind: "env"; readonly variables: Readonly<Record<string, string>> }
  | { readonly kind: "files"; readonly preopens: readonly (readonly [string, string])[] };

/**
 * Makes capabilities.
 *
 * @example
 * ```ts
 * import { Capability } from "sluice/sandbox";
 *
 * const network = Capability.network({ hosts: ["api.example.com"], ports: [443], timeout: "5s" });
 * const env = Capability.env({ MODE: "prod" });
 * console.log(network.kind, env.kind); // network env
 * ```
 */
export const Capability = {
  /** HTTP requests to some hosts. The address is checked after the name was looked up, and at each redirect. */
  network(options: NetworkOptions): Capability {
    const { hosts, ports = [443], schemes = ["https", "http"] } = options;
    if (hosts.length === 0)
      throw new RangeError("Capability.network needs hosts, or the capability says nothing");
    for (const host of hosts) {
      const bare = host.startsWith("*.") ? host.slice(2) : host;
      if (host !== "*" && (bare === "" || /[/@*\s?#]/.test(bare))) {
        throw new RangeError(
          `${JSON.stringify(host)} is no host: name one without scheme, port and path`,
        );
      }
    }
    for (const port of ports) {
      if (!Number.isInteger(port) || port < 1 || port > 65_535) {
        throw new RangeError(`${port} is no port`);
      }
    }
    const rules: NetworkRules = {
      hosts: hosts.includes("*")
        ? undefined
        : hosts.map((host) =>
            host
              .toLowerCase()
              .replace(/^\[|\]$/g, "")
              .replace(/\.$/, ""),
          ),
      ports,
      schemes,
      privateAddresses: options.privateAddresses ?? false,
      followRedirects: options.followRedirects ?? true,
      timeoutMs: parseDuration(options.timeout ?? "10s"),
      maxRequestBytes: parseSize(options.maxRequestBytes ?? 1 * MiB),
      maxResponseBytes: parseSize(options.maxResponseBytes ?? 4 * MiB),
      maxConcurrent: options.maxConcurrent ?? 8,
    };
    return { kind: "network", rules };
  },

  /** Environment variables, these and no others. */
  env(variables: Readonly<Record<string, string>>): Capability {
    for (const [name, value] of Object.entries(variables)) {
      if (name === "" || /[=\0]/.test(name) || value.includes("\0")) {
        throw new RangeError(`${JSON.stringify(name)} cannot be an environment variable`);
      }
    }
    return { kind: "env", variables };
  },

  /**
   * Directories to read: the guest's name of each, and where it is. Neither `..` nor a link leads out of one.
   * @throws RangeError when one is no directory
   */
  files(directories: Readonly<Record<string, string>>): Capability {
    const preopens = Object.entries(directories).map(([guestPath, hostPath]) => {
      const segments = guestPath.split("/").slice(1);
      const isNormal =
        guestPath === "/" || segments.every((part) => part !== "" && !/^\.\.?$/.test(part));
      if (!guestPath.startsWith("/") || !isNormal) {
        throw new RangeError(
          `${JSON.stringify(guestPath)} is no absolute path: write one such as "/data"`,
        );
      }
      const real = resolve(hostPath);
      if (statSync(real, { throwIfNoEntry: false })?.isDirectory() !== true) {
        throw new RangeError(`${JSON.stringify(hostPath)} is no directory`);
      }
      return [guestPath, real] as const;
    });
    return { kind: "files", preopens };
  },
} as const;
