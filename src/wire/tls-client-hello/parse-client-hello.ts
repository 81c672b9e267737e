import type { ClientHello } from "./client-hello.ts";
import { malformedHello } from "./client-hello.ts";
import { Vector } from "./vector.ts";

const SERVER_NAME = 0;
const ALPN = 16;
const SUPPORTED_VERSIONS = 43;
/** RFC 1035 2.3.4 */
const MAX_NAME = 253;
const NAME = /^[0-9a-z_-]+(?:\.[0-9a-z_-]+)*$/;

/**
 * Reads the body of a ClientHello.
 * @param body without type and length of the handshake message
 * @throws ClientHelloError
 */
export function parseClientHello(body: Uint8Array): ClientHello {
  const hello = new Vector(body);
  const legacyVersion = hello.uint16();
  hello.take(32);
  if (hello.vector8().length > 32) throw malformedHello("has a session id of more than 32 bytes");
  const suites = hello.vector16();
  if (suites.length < 2 || suites.length % 2 !== 0) throw malformedHello("has no cipher suites");
  if (hello.vector8().length < 1) throw malformedHello("has no compression methods");
  // TLS 1.2 may leave the extensions out altogether (RFC 5246 7.4.1.2).
  const extensions = hello.length === 0 ? new Vector(new Uint8Array()) : hello.vector16();
  hello.end();

  let serverName: string | undefined;
  let alpn: string[] = [];
  let versions: number[] = [];
  const seen = new Set<number>();
  while (extensions.length > 0) {
    const type = extensions.uint16();
    const data = extensions.vector16();
    // 4.2: two of one type would let two readers see two names.
    if (seen.has(type)) throw malformedHello("has two extensions of one type");
    seen.add(type);
    if (type === SERVER_NAME) serverName = readServerName(data);
    else if (type === ALPN) alpn = readAlpn(data);
    else if (type === SUPPORTED_VERSIONS) versions = readVersions(data);
  }
  return { serverName, alpn, versions: versions.length > 0 ? versions : [legacyVersion] };
}

function readServerName(data: Vector): string {
  const names = data.vector16();
  data.end();
  let found: string | undefined;
  while (names.length > 0) {
    const type = names.uint8();
    const name = names.vector16().latin1().toLowerCase();
    // 0 is host_name, and no other was ever defined. One name of a type (RFC 6066 3).
    if (type !== 0 || found !== undefined) throw malformedHello("has more than one server name");
    if (name.length > MAX_NAME || !NAME.test(name)) {
      throw malformedHello("has a server name that is no host name");
    }
    found = name;
  }
  if (found === undefined) throw malformedHello("has a list of server names without one");
  return found;
}

function readAlpn(data: Vector): string[] {
  const list = data.vector16();
  data.end();
  if (list.length === 0) throw malformedHello("has a list of protocols without one");
  const names: string[] = [];
  while (list.length > 0) {
    const name = list.vector8();
    if (name.length === 0) throw malformedHello("offers a protocol without a name");
    const bytes = name.bytes();
    if (!isGreaseName(bytes)) names.push(String.fromCharCode(...bytes));
  }
  return names;
}

function readVersions(data: Vector): number[] {
  const list = data.vector8();
  data.end();
  const versions: number[] = [];
  while (list.length > 0) {
    const version = list.uint16();
    if (!isGrease(version)) versions.push(version);
  }
  return versions;
}

/** 0x0A0A, 0x1A1A … 0xFAFA (RFC 8701 2). */
function isGrease(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);
}

function isGreaseName(bytes: Uint8Array): boolean {
  return bytes.length === 2 && isGrease(((bytes[0] as number) << 8) | (bytes[1] as number));
}
