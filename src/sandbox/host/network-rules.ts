import ipaddr from "ipaddr.js";
import { parseIp } from "../../http/ip-address.ts";

/** What `Capability.network` grants. */
export interface NetworkRules {
  /** Names and addresses; `*.example.com` means any name below. Undefined allows every one. */
  readonly hosts: readonly string[] | undefined;
  /** Undefined allows every one. */
  readonly ports: readonly number[] | undefined;
  readonly schemes: readonly string[];
  /** Loopback, private, link-local and other addresses that are not of the public internet. */
  readonly privateAddresses: boolean;
  readonly followRedirects: boolean;
  /** Milliseconds for one request, redirects and all. */
  readonly timeoutMs: number;
  readonly maxRequestBytes: number;
  readonly maxResponseBytes: number;
  /** Requests of one sandbox at a time. */
  readonly maxConcurrent: number;
}

/** @param host in lower case, an IPv6 address without brackets */
export function hostIsAllowed({ hosts }: NetworkRules, host: string): boolean {
  if (hosts === undefined) return true;
  return hosts.some((allowed) =>
    allowed.startsWith("*.") ? host.endsWith(allowed.slice(1)) : host === allowed,
  );
}

/** Whether a connection to this address is allowed, whatever name led to it. */
export function addressIsAllowed(rules: NetworkRules, text: string): boolean {
  const address = parseIp(text);
  if (address === undefined) return false;
  if (rules.privateAddresses) return true;
  return isPublic(address);
}

function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() === "unicast") return true;
  if (address.kind() === "ipv4") return false;
  // What a translator makes an IPv4 address of (RFC 6052, 6to4) is as public as that.
  const { parts } = address as ipaddr.IPv6;
  const at = { rfc6052: 6, "6to4": 1 }[address.range() as string];
  if (at === undefined) return false;
  const [high = 0, low = 0] = parts.slice(at, at + 2);
  return isPublic(new ipaddr.IPv4([high >> 8, high & 0xff, low >> 8, low & 0xff]));
}
