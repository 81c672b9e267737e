import { expect, test } from "bun:test";
import * as asn1 from "./der.ts";
import { readDer, readOid } from "./der-reader.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

test("lengths take their shortest form", () => {
  for (const [size, head] of [
    [0, "0400"],
    [127, "047f"],
    [128, "048180"],
    [255, "0481ff"],
    [256, "04820100"],
    [70_000, "0483011170"],
  ] as const) {
    const value = asn1.octetString(new Uint8Array(size));
    expect(hex(value).slice(0, head.length)).toBe(head);
    expect(readDer(value)[0]?.contents.length).toBe(size);
  }
});

test("integers are positive and minimal", () => {
  expect(hex(asn1.integer(Uint8Array.of(0)))).toBe("020100");
  expect(hex(asn1.integer(Uint8Array.of(0, 0, 1)))).toBe("020101");
  expect(hex(asn1.integer(Uint8Array.of(0x80)))).toBe("02020080");
});

test("object identifiers are written and read", () => {
  expect(hex(asn1.oid("1.2.840.113549.1.1.11"))).toBe("06092a864886f70d01010b");
  for (const dotted of [
    "1.2.840.10045.4.3.2",
    "2.5.29.17",
    "2.999.1",
    "0.9.2342.19200300.100.1.1",
  ]) {
    expect(readOid((readDer(asn1.oid(dotted))[0] as { contents: Uint8Array }).contents)).toBe(
      dotted,
    );
  }
});

test("times change form with the year 2050", () => {
  expect(hex(asn1.time(new Date("2049-12-31T23:59:59.900Z")))).toBe(
    `170d${Buffer.from("491231235959Z").toString("hex")}`,
  );
  expect(hex(asn1.time(new Date("2050-01-01T00:00:00Z")))).toBe(
    `180f${Buffer.from("20500101000000Z").toString("hex")}`,
  );
});
