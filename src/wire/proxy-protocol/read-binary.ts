import ipaddr from "ipaddr.js";
import { parseIp } from "../../http/ip-address.ts";
import { crc32c } from "./crc32c.ts";
import type { ProxyEnd, ProxyHeader, ProxyTlv, ProxyTransport } from "./proxy-header.ts";
import { malformed, proxyTlvTypes } from "./proxy-header.ts";

/** Signature, version and command, family and transport, length. */
export const BINARY_HEAD_BYTES = 16;
const LOCAL = 0x20;
const PROXY = 0x21;

interface Family {
  readonly transport: ProxyTransport;
  /** Bytes of one address. */
  readonly size: number;
}

/** By the byte of family and transport (2.2). */
const FAMILIES: Readonly<Record<number, Family>> = {
  0x11: { transport: "tcp", size: 4 },
  0x12: { transport: "udp", size: 4 },
  0x21: { transport: "tcp", size: 16 },
  0x22: { transport: "udp", size: 16 },
  0x31: { transport: "unix_stream", size: 108 },
  0x32: { transport: "unix_datagram", size: 108 },
};

/** Bytes that follow the 16 first ones. */
export function binaryLength(bytes: Uint8Array): number {
  return uint16(bytes, 14);
}

/**
 * Whether version and command of the first 13 bytes are known.
 * @throws ProxyProtocolError
 */
export function checkCommand(byte: number): void {
  if (byte !== LOCAL && byte !== PROXY) {
    throw malformed("a PROXY header has a version or command that is not of version 2");
  }
}

/**
 * Reads a whole header of version 2.
 * @param bytes exactly the header
 * @throws ProxyProtocolError
 */
export function readBinaryHeader(bytes: Uint8Array): ProxyHeader {
  checkCommand(bytes[12] as number);
  const kind = bytes[13] as number;
  const family = FAMILIES[kind];
  const nobody = { version: 2, local: true } as const;
  const unspecified = { transport: undefined, source: undefined, destination: undefined };
  // "The receiver must accept this connection as valid and must use the real connection endpoints."
  if (bytes[12] === LOCAL) return { ...nobody, ...unspecified, tlvs: [] };
  // AF_UNSPEC with whatever transport: the sender knows no addresses. Other values are not of this version.
  if (family === undefined) {
    if (kind > 0x02) throw malformed("a PROXY header has a family or transport that is unknown");
    return { ...nobody, ...unspecified, tlvs: readTlvs(bytes, BINARY_HEAD_BYTES) };
  }
  const { transport, size } = family;
  const isUnix = size === 108;
  const tlvsAt = BINARY_HEAD_BYTES + 2 * size + (isUnix ? 0 : 4);
  if (bytes.length < tlvsAt) throw malformed("a PROXY header is too short for its addresses");
  const portsAt = BINARY_HEAD_BYTES + 2 * size;
  const end = (index: 0 | 1): ProxyEnd => {
    const from = BINARY_HEAD_BYTES + index * size;
    const address = bytes.subarray(from, from + size);
    if (isUnix) return { address: unixPath(address), port: 0 };
    return { address: ipText(address), port: uint16(bytes, portsAt + index * 2) };
  };
  return {
    version: 2,
    local: false,
    transport,
    source: end(0),
    destination: end(1),
    tlvs: readTlvs(bytes, tlvsAt),
  };
}

function ipText(bytes: Uint8Array): string {
  const text = ipaddr.fromByteArray([...bytes]).toString();
  // IPv4 in IPv6, as senders write two ends of different families, is that IPv4 address.
  return parseIp(text)?.toString() ?? text;
}

function unixPath(bytes: Uint8Array): string {
  // An abstract name begins with a zero and is as long as the field.
  const from = bytes[0] === 0 ? 1 : 0;
  const zero = bytes.indexOf(0, from);
  const text = new TextDecoder().decode(bytes.subarray(from, zero < 0 ? bytes.length : zero));
  return from === 1 && text !== "" ? `@${text}` : text;
}

function readTlvs(bytes: Uint8Array, start: number): ProxyTlv[] {
  const tlvs: ProxyTlv[] = [];
  let at = start;
  while (at < bytes.length) {
    const from = at + 3;
    const to = from + (from <= bytes.length ? uint16(bytes, at + 1) : 0);
    if (from > bytes.length || to > bytes.length) {
      throw malformed("a PROXY header ends within a TLV");
    }
    const type = bytes[at] as number;
    // A copy: the header outlives the buffer it came in.
    const value = bytes.slice(from, to);
    if (type === proxyTlvTypes.crc32c) checkSum(bytes, from, value);
    tlvs.push({ type, value });
    at = to;
  }
  return tlvs;
}

/** 2.2.3: the sum is over the header with the sum's own field zero. */
function checkSum(bytes: Uint8Array, at: number, value: Uint8Array): void {
  if (value.length !== 4) throw malformed("a PROXY header has a checksum that is not 4 bytes");
  const blank = bytes.slice();
  blank.fill(0, at, at + 4);
  const said = new DataView(value.buffer, value.byteOffset).getUint32(0);
  if (crc32c(blank) !== said) throw malformed("a PROXY header has a wrong checksum");
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}
