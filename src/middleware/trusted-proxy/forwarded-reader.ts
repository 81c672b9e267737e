import type { Forwarded } from "../../core/forwarded.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { ForwardedElement } from "../../http/forwarded.ts";
import { addressNode, nodeAddress, parseForwarded } from "../../http/forwarded.ts";
import { parseIp } from "../../http/ip-address.ts";
import { IpNetworks } from "../../http/ip-networks.ts";

/** Which proxies are believed, and in what words. */
export interface TrustedProxyOptions {
  /** Addresses, CIDR networks, and `loopback`, `private`, `linklocal`. */
  trust: readonly string[];
  /**
   * The fields your proxies write: `x-forwarded` (`X-Forwarded-For`, `-Proto`, `-Host`, the default) or
   * `forwarded` (RFC 7239). Never both: a client could write the one that your proxy leaves alone.
   */
  fields?: "x-forwarded" | "forwarded";
}

/**
 * Reads what a trusted proxy says of a request.
 * @returns undefined for requests of anybody else
 * @throws TypeError when an entry of `trust` is no address or network
 */
export function forwardedReader({
  trust,
  fields = "x-forwarded",
}: TrustedProxyOptions): (exchange: Exchange) => Forwarded | undefined {
  const trusted = new IpNetworks(trust);
  const read = fields === "forwarded" ? readForwarded : readXForwarded;
  return (exchange) => {
    const peer = exchange.connection.remoteAddress;
    return trusted.has(peer) ? read(exchange, peer, trusted) : undefined;
  };
}

/** Walks from the right. @returns the client's address, and the place of the hop that tells it, -1 for none */
function walk(
  peer: string,
  count: number,
  nodeAt: (index: number) => string,
  trusted: IpNetworks,
): { ip: string; at: number } {
  let ip = parseIp(peer)?.toString() ?? peer;
  let at = -1;
  for (let i = count - 1; i >= 0 && trusted.has(ip); i--) {
    const address = parseIp(nodeAddress(nodeAt(i)));
    if (address === undefined) break;
    ip = address.toString();
    at = i;
  }
  return { ip, at };
}

function readXForwarded(exchange: Exchange, peer: string, trusted: IpNetworks): Forwarded {
  const hops = listOf(exchange, "x-forwarded-for");
  const { ip, at } = walk(peer, hops.length, (index) => hops[index] as string, trusted);
  const told = (name: string): string | undefined => {
    const values = listOf(exchange, name);
    // Proxies that append do so to all of them; one that replaces leaves a single value, its own.
    return values.length === hops.length && at >= 0 ? values[at] : values.at(-1);
  };
  return {
    ip,
    scheme: schemeOf(told("x-forwarded-proto")) ?? exchange.scheme,
    authority: authorityOf(told("x-forwarded-host")) ?? exchange.authority,
    hops: at < 0 ? [] : hops.slice(at).map(hopOf),
  };
}

function readForwarded(exchange: Exchange, peer: string, trusted: IpNetworks): Forwarded {
  const elements: ForwardedElement[] =
    parseForwarded(exchange.headers.joined("forwarded") ?? "") ?? [];
  const nodeAt = (index: number): string => elements[index]?.get("for") ?? "";
  const { ip, at } = walk(peer, elements.length, nodeAt, trusted);
  const element = elements[at] ?? elements.at(-1);
  return {
    ip,
    scheme: schemeOf(element?.get("proto")) ?? exchange.scheme,
    authority: authorityOf(element?.get("host")) ?? exchange.authority,
    hops: at < 0 ? [] : elements.slice(at),
  };
}

/** All of them were read as addresses. */
function hopOf(node: string): ForwardedElement {
  const address = parseIp(nodeAddress(node))?.toString() ?? node;
  return new Map([["for", addressNode(address)]]);
}

function listOf(exchange: Exchange, name: string): string[] {
  const field = exchange.headers.joined(name);
  return field === null ? [] : field.split(",").map((value) => value.trim());
}

function schemeOf(value: string | undefined): "http" | "https" | undefined {
  const scheme = value?.toLowerCase();
  return scheme === "http" || scheme === "https" ? scheme : undefined;
}

// A name or address and a port: nothing that could lead a URL made of it elsewhere.
const AUTHORITY =
  /^(?:[a-z0-9](?:[a-z0-9._-]{0,252}[a-z0-9])?\.?|\[[0-9a-f:.]{2,45}\])(?::(\d{1,5}))?$/;

function authorityOf(value: string | undefined): string | undefined {
  if (value === undefined || value.length > 261) return undefined;
  const authority = value.toLowerCase();
  const found = AUTHORITY.exec(authority);
  if (found === null || Number(found[1] ?? 0) > 65_535) return undefined;
  const end = authority.indexOf("]");
  if (end > 0 && parseIp(authority.slice(1, end)) === undefined) return undefined;
  return authority;
}
