import ipaddr from "ipaddr.js";

/** An address, IPv4 or IPv6. Get one from {@link parseIp}; `toString` gives its canonical text. */
export type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;

// What an address may be written with, so that a parser never sees more. The longest is an IPv6 address with
// an IPv4 tail: 45 characters.
const IPV6 = /^[0-9a-fA-F:.]{2,45}$/;

/**
 * Reads an address: four decimal numbers, or IPv6 as RFC 4291 2.2 has it, with or without a zone (`%eth0`).
 * Shorter and octal spellings of IPv4 (`127.1`, `010.0.0.1`), which programs read differently, are none.
 * IPv4 in IPv6 (`::ffff:192.0.2.1`) is that IPv4 address.
 * @returns undefined when it is no address
 */
export function parseIp(text: string): IpAddress | undefined {
  if (!text.includes(":")) {
    return ipaddr.IPv4.isValidFourPartDecimal(text) ? ipaddr.IPv4.parse(text) : undefined;
  }
  const zone = text.indexOf("%");
  const plain = zone < 0 ? text : text.slice(0, zone);
  if (!IPV6.test(plain) || !ipaddr.IPv6.isValid(plain)) return undefined;
  const tail = plain.slice(plain.lastIndexOf(":") + 1);
  if (tail.includes(".") && !ipaddr.IPv4.isValidFourPartDecimal(tail)) return undefined;
  const address = ipaddr.IPv6.parse(plain);
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

/**
 * The network of an address, as text: a client has a whole IPv6 network to take addresses from, and should
 * not count as another with each of them.
 * @param bits of an IPv6 address; IPv4 is left whole
 */
export function networkOf(address: IpAddress, bits: number): string {
  if (address.kind() === "ipv4") return address.toString();
  const parts = (address as ipaddr.IPv6).parts.map((part, index) => {
    const kept = Math.min(Math.max(bits - index * 16, 0), 16);
    return part & ((0xffff << (16 - kept)) & 0xffff);
  });
  return `${new ipaddr.IPv6(parts).toString()}/${bits}`;
}
