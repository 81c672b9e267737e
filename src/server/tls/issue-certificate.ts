import type { KeyObject } from "node:crypto";
import { createHash, createPublicKey, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import * as asn1 from "../../internal/der.ts";

/** What a certificate is to say. */
export interface CertificateRequest {
  subject: DistinguishedName;
  issuer: DistinguishedName;
  /** The key it certifies (its private half will do). */
  key: KeyObject;
  /** The issuer's private key, RSA or EC. The same as `key` makes it self-signed. */
  signingKey: KeyObject;
  /** DNS names, `*.example.com` too, and IP addresses. */
  names: readonly string[];
  notBefore: Date;
  notAfter: Date;
  /** What it is for; `authority` may sign others. */
  usage: "server" | "client" | "authority";
}

export interface DistinguishedName {
  commonName: string;
  organization?: string;
}

/** Builds and signs an X.509 v3 certificate (RFC 5280). @returns PEM. @throws RangeError on an impossible name. */
export function issueCertificate(request: CertificateRequest): string {
  const algorithm = signatureAlgorithm(request.signingKey);
  const body = asn1.sequence(
    asn1.explicit(0, asn1.integer(Uint8Array.of(2))),
    asn1.integer(serialNumber()),
    algorithm,
    distinguishedName(request.issuer),
    asn1.sequence(asn1.time(request.notBefore), asn1.time(request.notAfter)),
    distinguishedName(request.subject),
    publicKeyInfo(request.key),
    asn1.explicit(3, extensions(request)),
  );
  const signature = sign("sha256", body, request.signingKey);
  const certificate = asn1.sequence(body, algorithm, asn1.bitString(signature));
  const base64 = Buffer.from(certificate)
    .toString("base64")
    .replace(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
}

/** Random and positive, within the 20 octets of RFC 5280 4.1.2.2. */
function serialNumber(): Uint8Array {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] as number) & 0x7f) | 0x40;
  return bytes;
}

function signatureAlgorithm(key: KeyObject): Uint8Array {
  // RFC 4055 5 wants NULL parameters for RSA, RFC 5758 3.2 none for ECDSA.
  return key.asymmetricKeyType === "rsa"
    ? asn1.sequence(asn1.oid("1.2.840.113549.1.1.11"), asn1.NULL)
    : asn1.sequence(asn1.oid("1.2.840.10045.4.3.2"));
}

function distinguishedName(name: DistinguishedName): Uint8Array {
  const attributes: Uint8Array[] = [];
  if (name.organization !== undefined) attributes.push(attribute("2.5.4.10", name.organization));
  attributes.push(attribute("2.5.4.3", name.commonName));
  return asn1.sequence(...attributes);
}

/** RFC 5280 appendix A.1 bounds these attributes to 64 characters. */
function attribute(type: string, value: string): Uint8Array {
  const bounded = [...value].slice(0, 64).join("");
  return asn1.set(asn1.sequence(asn1.oid(type), asn1.utf8String(bounded)));
}

function publicKeyInfo(key: KeyObject): Uint8Array {
  const publicKey = key.type === "private" ? createPublicKey(key) : key;
  return publicKey.export({ type: "spki", format: "der" });
}

/** RFC 7093 2, method 4, cut to the usual 160 bits. */
function keyIdentifier(key: KeyObject): Uint8Array {
  return createHash("sha256").update(publicKeyInfo(key)).digest().subarray(0, 20);
}

const usages = {
  // Bits of RFC 5280 4.2.1.3: digitalSignature; keyCertSign and cRLSign.
  server: { bits: 0x80, unused: 7, extended: "1.3.6.1.5.5.7.3.1" },
  client: { bits: 0x80, unused: 7, extended: "1.3.6.1.5.5.7.3.2" },
  authority: { bits: 0x06, unused: 1, extended: undefined },
};

function extensions(request: CertificateRequest): Uint8Array {
  const usage = usages[request.usage];
  const authority = request.usage === "authority";
  const list = [
    // cA is FALSE by default, and DER leaves defaults out.
    extension("2.5.29.19", true, asn1.sequence(...(authority ? [asn1.boolean(true)] : []))),
    extension("2.5.29.15", true, asn1.bitString(Uint8Array.of(usage.bits), usage.unused)),
    extension("2.5.29.14", false, asn1.octetString(keyIdentifier(request.key))),
    extension(
      "2.5.29.35",
      false,
      asn1.sequence(asn1.implicit(0, keyIdentifier(request.signingKey))),
    ),
  ];
  if (usage.extended !== undefined) {
    list.push(extension("2.5.29.37", false, asn1.sequence(asn1.oid(usage.extended))));
  }
  if (request.names.length > 0) {
    list.push(extension("2.5.29.17", false, asn1.sequence(...request.names.map(generalName))));
  }
  return asn1.sequence(...list);
}

function extension(type: string, critical: boolean, value: Uint8Array): Uint8Array {
  const flag = critical ? [asn1.boolean(true)] : [];
  return asn1.sequence(asn1.oid(type), ...flag, asn1.octetString(value));
}

/** RFC 5280 4.2.1.6: dNSName is [2], iPAddress is [7]. */
function generalName(name: string): Uint8Array {
  const address = name.replace(/^\[(.*)\]$/, "$1");
  if (isIP(address) !== 0) return asn1.implicit(7, addressBytes(address));
  return asn1.implicit(2, Buffer.from(dnsName(name), "ascii"));
}

function dnsName(name: string): string {
  const wildcard = name.startsWith("*.");
  const host = (wildcard ? name.slice(2) : name).replace(/\.$/, "");
  // What a URL would take for the end of a host must not be cut off silently.
  const ascii = /[\s/\\?#@:%]/.test(host) ? "" : domainToASCII(host);
  if (ascii.length > 253 || !/^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/.test(ascii)) {
    throw new RangeError(
      `${JSON.stringify(name)} is no host name: use a name such as localhost or *.example.com, or an IP address`,
    );
  }
  return wildcard ? `*.${ascii}` : ascii;
}

function addressBytes(address: string): Uint8Array {
  if (isIP(address) === 4) return Uint8Array.from(address.split(".").map(Number));
  // The URL parser writes IPv6 in its canonical form, without embedded IPv4.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = "", tail] = canonical.split("::");
  const words = (text: string) => (text === "" ? [] : text.split(":"));
  const left = words(head);
  const right = tail === undefined ? [] : words(tail);
  const zeros: string[] = Array(8 - left.length - right.length).fill("0");
  return Uint8Array.from(
    [...left, ...zeros, ...right].flatMap((word) => {
      const value = Number.parseInt(word, 16);
      return [value >> 8, value & 0xff];
    }),
  );
}
