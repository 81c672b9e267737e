import { expect, test } from "bun:test";
import * as asn1 from "../internal/der.ts";
import { readCertificateNames } from "./certificate-names.ts";

const text = (value: string) => Buffer.from(value, "latin1");
const attribute = (type: string, value: Uint8Array) => asn1.sequence(asn1.oid(type), value);
const name = (...sets: Uint8Array[]) => asn1.sequence(...sets);
const commonName = (value: string) => name(asn1.set(attribute("2.5.4.3", asn1.utf8String(value))));

/** The parts of a certificate that hold names; the rest is filler. */
function certificate(
  subject: Uint8Array,
  altNames?: Uint8Array[],
  issuer: Uint8Array = commonName("issuer"),
): Uint8Array {
  const filler = asn1.sequence();
  const extension = asn1.sequence(
    asn1.oid("2.5.29.17"),
    asn1.boolean(true),
    asn1.octetString(asn1.sequence(...(altNames ?? []))),
  );
  const body = asn1.sequence(
    asn1.explicit(0, asn1.integer(Uint8Array.of(2))),
    asn1.integer(Uint8Array.of(1)),
    filler,
    issuer,
    filler,
    subject,
    filler,
    ...(altNames === undefined ? [] : [asn1.explicit(3, asn1.sequence(extension))]),
  );
  return asn1.sequence(body, filler, asn1.bitString(new Uint8Array()));
}

const subjects: [string, Uint8Array, string][] = [
  ["nothing", name(), ""],
  [
    "most specific first",
    name(
      asn1.set(attribute("2.5.4.6", asn1.der(0x13, text("DE")))),
      asn1.set(attribute("2.5.4.10", asn1.utf8String("Example"))),
      asn1.set(attribute("2.5.4.3", asn1.utf8String("alice"))),
    ),
    "CN=alice,O=Example,C=DE",
  ],
  [
    "several values",
    name(
      asn1.set(
        attribute("2.5.4.3", asn1.utf8String("a")),
        attribute("0.9.2342.19200300.100.1.1", asn1.utf8String("b")),
      ),
    ),
    "CN=a+UID=b",
  ],
  ["a comma and an equals sign", commonName("alice,CN=admin"), "CN=alice\\,CN=admin"],
  ["a line break", commonName("alice\r\nX-Admin: 1"), "CN=alice\\0d\\0aX-Admin: 1"],
  ["NUL", commonName("alice\0.example"), "CN=alice\\00.example"],
  ["spaces at the ends", commonName(" a "), "CN=\\ a\\ "],
  ["a hash in front", commonName("#1"), "CN=\\#1"],
  ["special characters", commonName('"+;<>\\'), 'CN=\\"\\+\\;\\<\\>\\\\'],
  ["another script", commonName("Ünïcode 名"), "CN=Ünïcode 名"],
  [
    "BMPString",
    name(asn1.set(attribute("2.5.4.3", asn1.der(0x1e, Uint8Array.of(0, 97, 0x54, 0x0d))))),
    "CN=a名",
  ],
  [
    "an unknown type",
    name(asn1.set(attribute("1.2.3.4", asn1.utf8String("x")))),
    "1.2.3.4=#0c0178",
  ],
  [
    "a value that is no text",
    name(asn1.set(attribute("2.5.4.3", asn1.integer(Uint8Array.of(7))))),
    "2.5.4.3=#020107",
  ],
];

test.each(subjects)("a subject with %s", (_, subject, expected) => {
  const names = readCertificateNames(certificate(subject));
  expect(names.subject).toBe(expected);
  expect(names.issuer).toBe("CN=issuer");
});

test("alternative names keep their kind, and hostile ones are left out", () => {
  const names = readCertificateNames(
    certificate(commonName("x"), [
      asn1.implicit(2, text("a.example")),
      asn1.implicit(1, text("a@example")),
      asn1.implicit(6, text("spiffe://trust/a,b")),
      asn1.implicit(7, Uint8Array.of(10, 0, 0, 1)),
      asn1.implicit(7, Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)),
      asn1.implicit(7, Uint8Array.of(1, 2, 3)),
      asn1.implicit(2, text("b.example\0.evil")),
      asn1.implicit(2, text("c.example, DNS:d.example")),
      asn1.implicit(2, text("\xe9.example")),
      asn1.implicit(2, text("")),
      asn1.explicit(0, asn1.sequence()),
    ]),
  );
  expect(names.altNames).toEqual([
    "DNS:a.example",
    "email:a@example",
    "URI:spiffe://trust/a,b",
    "IP:10.0.0.1",
    "IP:2001:db8::1",
  ]);
  expect(names.commonName).toBe("x");
});

test("what is no certificate is a RangeError, wherever it is cut", () => {
  const whole = certificate(commonName("x"), [asn1.implicit(2, text("a.example"))]);
  for (let length = 0; length < whole.length; length++) {
    expect(() => readCertificateNames(whole.subarray(0, length))).toThrow(RangeError);
  }
  for (const bytes of [
    [0x30, 0x80],
    [0x30, 0x85, 1, 1, 1, 1, 1],
    [0x30, 0],
    [0x30, 2, 0x30, 0],
  ]) {
    expect(() => readCertificateNames(Uint8Array.from(bytes))).toThrow(RangeError);
  }
});
