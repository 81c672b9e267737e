import type { DerValue } from "../internal/der-reader.ts";
import { readDer, readOid } from "../internal/der-reader.ts";

/** Who a certificate is for and from. */
export interface CertificateNames {
  /** RFC 4514, most specific first: `CN=alice,O=Example`. */
  readonly subject: string;
  readonly issuer: string;
  /** The subject's common name, or undefined. */
  readonly commonName: string | undefined;
  /** `DNS:a.example`, `IP:10.0.0.1`, `email:a@b.example`, `URI:spiffe://…`; other kinds are left out. */
  readonly altNames: readonly string[];
}

/**
 * Reads the names out of a DER certificate. Runtimes offer them as text to be taken apart again, where a
 * name with a comma or a line break in it can pass for two (CVE-2021-44532, CVE-2021-44533).
 *
 * @throws RangeError when it is no certificate
 */
export function readCertificateNames(raw: Uint8Array): CertificateNames {
  const body = readDer(first(readDer(first(readDer(raw)).contents)).contents);
  // RFC 5280 4.1: [0] version (optional), serial, algorithm, issuer, validity, subject, key, … [3] extensions.
  const from = body[0]?.tag === 0xa0 ? 1 : 0;
  const issuer = readName(body[from + 2]);
  const subject = readName(body[from + 4]);
  const extensions = body.find((value) => value.tag === 0xa3);
  return {
    subject: subject.text,
    issuer: issuer.text,
    commonName: subject.commonName,
    altNames: extensions === undefined ? [] : readAltNames(extensions),
  };
}

function first(values: readonly DerValue[] | undefined): DerValue {
  const value = values?.[0];
  if (value === undefined) throw new RangeError("not a certificate: a part is missing");
  return value;
}

// RFC 4514 3 and the short names people know from other tools.
const attributeNames: Record<string, string> = {
  "2.5.4.3": "CN",
  "2.5.4.4": "SN",
  "2.5.4.5": "serialNumber",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.9": "STREET",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "2.5.4.12": "title",
  "2.5.4.42": "GN",
  "0.9.2342.19200300.100.1.1": "UID",
  "0.9.2342.19200300.100.1.25": "DC",
  "1.2.840.113549.1.9.1": "emailAddress",
};

function readName(name: DerValue | undefined): { text: string; commonName: string | undefined } {
  if (name === undefined) throw new RangeError("not a certificate: a name is missing");
  let commonName: string | undefined;
  const parts = readDer(name.contents).map((relative) =>
    readDer(relative.contents)
      .map((pair) => {
        const [type, value] = readDer(pair.contents);
        if (type === undefined || value === undefined) {
          throw new RangeError("not a certificate: a name has no value");
        }
        const oid = readOid(type.contents);
        const text = readText(value);
        const short = attributeNames[oid];
        if (short === "CN" && text !== undefined) commonName = text;
        if (short === undefined || text === undefined) return `${oid}=#${hex(value.whole)}`;
        return `${short}=${escapeValue(text)}`;
      })
      .join("+"),
  );
  return { text: parts.reverse().join(","), commonName };
}

/** The string types of RFC 5280 4.1.2.4; undefined for anything else. */
function readText(value: DerValue): string | undefined {
  switch (value.tag) {
    case 0x0c:
      return new TextDecoder().decode(value.contents);
    case 0x13:
    case 0x14:
    case 0x16:
      return Array.from(value.contents, (byte) => String.fromCharCode(byte)).join("");
    case 0x1e: {
      let text = "";
      for (let i = 0; i + 1 < value.contents.length; i += 2) {
        const high = value.contents[i] as number;
        text += String.fromCharCode(high * 256 + (value.contents[i + 1] as number));
      }
      return text;
    }
    default:
      return undefined;
  }
}

/** RFC 4514 2.4; control characters too, so that a subject is safe in a log line or a header. */
function escapeValue(text: string): string {
  return text
    .replace(/["+,;<>\\]/g, "\\$&")
    .replace(/^[ #]/, "\\$&")
    .replace(/ $/, "\\ ")
    .replace(/\p{Cc}/gu, (control) =>
      hex(new TextEncoder().encode(control)).replace(/../g, "\\$&"),
    );
}

function readAltNames(extensions: DerValue): string[] {
  for (const extension of readDer(first(readDer(extensions.contents)).contents)) {
    const [type, ...rest] = readDer(extension.contents);
    if (type === undefined || readOid(type.contents) !== "2.5.29.17") continue;
    const value = rest[rest.length - 1];
    if (value === undefined) return [];
    return readDer(first(readDer(value.contents)).contents).flatMap(readGeneralName);
  }
  return [];
}

function readGeneralName(name: DerValue): string[] {
  const kind = { 0x81: "email", 0x82: "DNS", 0x86: "URI", 0x87: "IP" }[name.tag];
  if (kind === undefined) return [];
  if (kind === "IP") {
    const address = readAddress(name.contents);
    return address === undefined ? [] : [`IP:${address}`];
  }
  const text = Array.from(name.contents, (byte) => String.fromCharCode(byte)).join("");
  // IA5 text that is not visible ASCII names nothing, and must not reach a log or a header.
  return /^[\x21-\x7e]+$/.test(text) ? [`${kind}:${text}`] : [];
}

function readAddress(bytes: Uint8Array): string | undefined {
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.length !== 16) return undefined;
  const words: string[] = [];
  for (let i = 0; i < 16; i += 2) {
    words.push(((bytes[i] as number) * 256 + (bytes[i + 1] as number)).toString(16));
  }
  // The URL parser writes the canonical form of RFC 5952.
  return new URL(`http://[${words.join(":")}]`).hostname.slice(1, -1);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
