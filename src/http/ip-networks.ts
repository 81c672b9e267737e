import type { IpAddress } from "./ip-address.ts";
import { parseIp } from "./ip-address.ts";

interface Network {
  readonly address: IpAddress;
  readonly bits: number;
}

/** Names for networks that are often meant. */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  loopback: ["127.0.0.0/8", "::1"],
  // RFC 1918, RFC 4193
  private: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
  linklocal: ["169.254.0.0/16", "fe80::/10"],
};

/** Verdicts that are kept: mostly the same few addresses come. */
const KEPT = 1024;

/** A set of networks: addresses, CIDR blocks, and `loopback`, `private` or `linklocal`. */
export class IpNetworks {
  readonly #networks: readonly Network[];
  readonly #known = new Map<string, boolean>();

  /** @throws TypeError naming the entry that is none of these */
  constructor(entries: readonly string[]) {
    this.#networks = entries.flatMap((entry) =>
      Object.hasOwn(NAMED, entry)
        ? (NAMED[entry] as string[]).map(parseNetwork)
        : parseNetwork(entry),
    );
  }

  /** Whether an address is in one of the networks. What is no address is in none. */
  has(ip: string): boolean {
    const known = this.#known.get(ip);
    if (known !== undefined) return known;
    const found = this.#find(ip);
    if (ip.length > 64) return found;
    if (this.#known.size >= KEPT) this.#known.clear();
    this.#known.set(ip, found);
    return found;
  }

  #find(ip: string): boolean {
    const address = parseIp(ip);
    if (address === undefined) return false;
    return this.#networks.some(
      (network) =>
        network.address.kind() === address.kind() && address.match(network.address, network.bits),
    );
  }
}

function parseNetwork(entry: string): Network {
  const [, text = "", bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
  const address = parseIp(text);
  if (address === undefined) throw noNetwork(entry, "192.0.2.0/24 or 2001:db8::/32");
  // "::ffff:10.0.0.0/104" is 10.0.0.0/8.
  const mapped = address.kind() === "ipv4" && text.includes(":");
  const most = address.kind() === "ipv4" ? 32 : 128;
  const length = bits === undefined ? most : Number(bits) - (mapped ? 96 : 0);
  if (length < 0 || length > most) throw noNetwork(entry, `a length up to ${most}`);
  return { address, bits: length };
}

function noNetwork(entry: string, hint: string): TypeError {
  return new TypeError(`${JSON.stringify(entry)} is no address or network: use ${hint}`);
}
