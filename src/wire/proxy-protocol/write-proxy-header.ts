import ipaddr from "ipaddr.js";
import { parseIp } from "../../http/ip-address.ts";
import type { ProxyEnd, ProxyTlv } from "./proxy-header.ts";
import { SIGNATURE } from "./proxy-header.ts";

/** Whom a connection is made for. */
export interface ProxiedConnection {
  readonly source: ProxyEnd;
  readonly destination: ProxyEnd;
}

/**
 * A header of version 1, for a TCP connection.
 * @param proxied undefined where the ends are not known, or the connection is the sender's own
 */
export function writeTextHeader(proxied: ProxiedConnection | undefined): Uint8Array {
  const ends = proxied && addressesOf(proxied);
  if (proxied === undefined || ends === undefined) return encode("PROXY UNKNOWN\r\n");
  const [source, destination] = ends;
  const family = source.kind() === "ipv4" ? "TCP4" : "TCP6";
  const ports = `${proxied.source.port} ${proxied.destination.port}`;
  return encode(`PROXY ${family} ${source.toString()} ${destination.toString()} ${ports}\r\n`);
}

/**
 * A header of version 2.
 * @param proxied undefined where the ends are not known, or the connection is the sender's own: `LOCAL`
 */
export function writeBinaryHeader(
  proxied: ProxiedConnection | undefined,
  transport: "tcp" | "udp" = "tcp",
  tlvs: readonly ProxyTlv[] = [],
): Uint8Array {
  const ends = proxied && addressesOf(proxied);
  if (proxied === undefined || ends === undefined) return assemble(0x20, 0x00, [], []);
  const family = ends[0].kind() === "ipv4" ? 0x10 : 0x20;
  const { source, destination } = proxied;
  const addresses = [
    ...ends[0].toByteArray(),
    ...ends[1].toByteArray(),
    source.port >> 8,
    source.port & 0xff,
    destination.port >> 8,
    destination.port & 0xff,
  ];
  return assemble(0x21, family | (transport === "tcp" ? 1 : 2), addresses, tlvs);
}

function assemble(
  command: number,
  family: number,
  addresses: readonly number[],
  tlvs: readonly ProxyTlv[],
): Uint8Array {
  const extra = tlvs.reduce((sum, { value }) => sum + 3 + value.length, 0);
  const length = addresses.length + extra;
  if (length > 0xffff) throw new RangeError("a PROXY header has at most 65,535 bytes");
  const bytes = new Uint8Array(16 + length);
  bytes.set(SIGNATURE);
  bytes.set([command, family, length >> 8, length & 0xff, ...addresses], 12);
  let at = 16 + addresses.length;
  for (const { type, value } of tlvs) {
    bytes.set([type, value.length >> 8, value.length & 0xff], at);
    bytes.set(value, at + 3);
    at += 3 + value.length;
  }
  return bytes;
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Both ends in one family, as a header has them: where they differ, IPv4 becomes IPv6. */
function addressesOf(proxied: ProxiedConnection): [Address, Address] | undefined {
  const source = parseIp(proxied.source.address);
  const destination = parseIp(proxied.destination.address);
  if (source === undefined || destination === undefined) return undefined;
  if (source.kind() === destination.kind()) return [source, destination];
  return [asIpv6(source), asIpv6(destination)];
}

function asIpv6(address: Address): Address {
  return address.kind() === "ipv4" ? (address as ipaddr.IPv4).toIPv4MappedAddress() : address;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
