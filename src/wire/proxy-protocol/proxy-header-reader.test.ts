import { describe, expect, test } from "bun:test";
import { crc32c } from "./crc32c.ts";
import type { ProxyProtocolError } from "./proxy-header.ts";
import { SIGNATURE } from "./proxy-header.ts";
import type { ReadProxyHeader } from "./proxy-header-reader.ts";
import { ProxyHeaderReader } from "./proxy-header-reader.ts";
import { writeBinaryHeader, writeTextHeader } from "./write-proxy-header.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const binary = (command: number, family: number, ...body: number[]): Uint8Array =>
  Uint8Array.from([...SIGNATURE, command, family, body.length >> 8, body.length & 0xff, ...body]);

/** In one piece and byte by byte: both must say the same. */
function read(bytes: Uint8Array): ReadProxyHeader | undefined {
  const whole = new ProxyHeaderReader().push(bytes);
  const reader = new ProxyHeaderReader();
  let piecemeal: ReadProxyHeader | undefined;
  let at = 0;
  while (at < bytes.length && piecemeal === undefined) {
    piecemeal = reader.push(bytes.subarray(at, ++at));
  }
  expect(piecemeal?.header).toEqual(whole?.header as never);
  if (piecemeal !== undefined) expect(bytes.subarray(at)).toEqual(whole?.rest as never);
  return whole;
}

function codeOf(bytes: Uint8Array): string {
  const codes = [bytes, undefined].map((whole) => {
    const reader = new ProxyHeaderReader();
    try {
      if (whole !== undefined) reader.push(whole);
      else for (let at = 0; at < bytes.length; at++) reader.push(bytes.subarray(at, at + 1));
      return "none";
    } catch (error) {
      return (error as ProxyProtocolError).code;
    }
  });
  expect(codes[0]).toBe(codes[1] as string);
  return codes[0] as string;
}

describe("version 1", () => {
  test("the specification's examples", () => {
    const got = read(text("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\nGET /"));
    expect(got?.header).toEqual({
      version: 1,
      local: false,
      transport: "tcp",
      source: { address: "255.255.255.255", port: 65_535 },
      destination: { address: "255.255.255.255", port: 65_535 },
      tlvs: [],
    });
    expect(new TextDecoder().decode(got?.rest)).toBe("GET /");
    const long = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
    expect(read(text(`PROXY TCP6 ${long} ${long} 65535 65535\r\n`))?.header.source).toEqual({
      address: long,
      port: 65_535,
    });
    // The worst case: 107 bytes.
    const worst = text(`PROXY UNKNOWN ${long} ${long} 65535 65535\r\n`);
    expect(worst.length).toBe(107);
    expect(read(worst)?.header.local).toBe(true);
    expect(read(text("PROXY UNKNOWN\r\nx"))?.header.source).toBeUndefined();
  });

  test.each([
    ["GET / HTTP/1.1\r\n", "proxy_header_missing"],
    ["PROXY\tTCP4 1.1.1.1 1.1.1.1 1 1\r\n", "proxy_header_missing"],
    ["proxy TCP4 1.1.1.1 1.1.1.1 1 1\r\n", "proxy_header_missing"],
    ["PROXY  TCP4 1.1.1.1 1.1.1.1 1 1\r\n", "proxy_header_malformed"],
    ["PROXY TCP4 1.1.1.1 1.1.1.1 1\r\n", "proxy_header_malformed"],
    ["PROXY TCP4 1.1.1.1 1.1.1.1 1 1 1\r\n", "proxy_header_malformed"],
    ["PROXY TCP4 1.1.1.1  1.1.1.1 1 1\r\n", "proxy_header_malformed"],
    ["PROXY TCP4 ::1 ::1 1 1\r\n", "proxy_header_malformed"],
    ["PROXY TCP6 1.1.1.1 1.1.1.1 1 1\r\n", "proxy_header_malformed"],
    ["PROXY TCP6 fe80::1%eth0 ::1 1 1\r\n", "proxy_header_malformed"],
    ["PROXY TCP4 01.1.1.1 1.1.1.1 1 1\r\n", "proxy_header_malformed"],
    ["PROXY TCP4 1.1.1.1 1.1.1.1 65536 1\r\n", "proxy_header_malformed"],
    ["PROXY TCP4 1.1.1.1 1.1.1.1 01 1\r\n", "proxy_header_malformed"],
    ["PROXY TCP4 1.1.1.1 1.1.1.1 -1 1\r\n", "proxy_header_malformed"],
    ["PROXY UDP4 1.1.1.1 1.1.1.1 1 1\r\n", "proxy_header_malformed"],
    ["PROXY UNKNOWNX\r\n", "proxy_header_malformed"],
    ["PROXY TCP4 1.1.1.1 1.1.1.1 1 1\n", "proxy_header_malformed"],
    ["PROXY TCP4 1.1.1.1 1.1.1.1 1\r 1\r\n", "proxy_header_malformed"],
    ["PROXY UNKNOWN a\0b\r\n", "proxy_header_malformed"],
    [`PROXY UNKNOWN ${"x".repeat(92)}\r\n`, "proxy_header_too_large"],
    [`PROXY UNKNOWN ${"x".repeat(93)}`, "proxy_header_too_large"],
  ])("%j: %s", (line, code) => {
    expect(codeOf(text(line))).toBe(code);
  });
});

describe("version 2", () => {
  const v4 = [192, 0, 2, 1, 198, 51, 100, 7, 0x9c, 0x40, 0x01, 0xbb];

  test("IPv4 and IPv6, TCP and UDP", () => {
    const got = read(Uint8Array.from([...binary(0x21, 0x11, ...v4), 1, 2]));
    expect(got?.header).toEqual({
      version: 2,
      local: false,
      transport: "tcp",
      source: { address: "192.0.2.1", port: 40_000 },
      destination: { address: "198.51.100.7", port: 443 },
      tlvs: [],
    });
    expect([...(got?.rest ?? [])]).toEqual([1, 2]);
    expect(read(binary(0x21, 0x12, ...v4))?.header.transport).toBe("udp");
    const one = [0x20, 1, 0x0d, 0xb8, ...Array<number>(11).fill(0), 1];
    const mapped = [...Array<number>(10).fill(0), 0xff, 0xff, 10, 0, 0, 1];
    const six = read(binary(0x21, 0x21, ...one, ...mapped, 0, 1, 0, 2))?.header;
    expect(six?.source).toEqual({ address: "2001:db8::1", port: 1 });
    expect(six?.destination).toEqual({ address: "10.0.0.1", port: 2 });
    expect(read(binary(0x21, 0x22, ...one, ...one, 0, 1, 0, 2))?.header.transport).toBe("udp");
  });

  test("unix sockets, with and without a path", () => {
    const path = [...text("/run/app.sock"), ...Array<number>(95).fill(0)];
    const abstract = [0, ...text("name"), ...Array<number>(103).fill(0)];
    const got = read(binary(0x21, 0x31, ...path, ...abstract))?.header;
    expect(got?.transport).toBe("unix_stream");
    expect(got?.source).toEqual({ address: "/run/app.sock", port: 0 });
    expect(got?.destination).toEqual({ address: "@name", port: 0 });
    const none = Array<number>(216).fill(0);
    expect(read(binary(0x21, 0x32, ...none))?.header.source).toEqual({ address: "", port: 0 });
  });

  test("LOCAL skips whatever it carries, AF_UNSPEC keeps its TLVs", () => {
    expect(read(binary(0x20, 0x00))?.header.local).toBe(true);
    expect(read(binary(0x20, 0x11, 1, 2, 3))?.header).toMatchObject({ local: true, tlvs: [] });
    expect(read(binary(0x21, 0x00, 5, 0, 1, 9))?.header).toMatchObject({
      local: true,
      source: undefined,
      tlvs: [{ type: 5, value: Uint8Array.of(9) }],
    });
  });

  test("TLVs are kept in order, a checksum is checked", () => {
    const authority = [2, 0, 3, ...text("a.b")];
    const header = binary(0x21, 0x11, ...v4, ...authority, 4, 0, 0, 3, 0, 4, 0, 0, 0, 0);
    const sum = crc32c(header);
    new DataView(header.buffer).setUint32(header.length - 4, sum);
    const tlvs = read(header)?.header.tlvs ?? [];
    expect(tlvs.map(({ type }) => type)).toEqual([2, 4, 3]);
    expect(new TextDecoder().decode(tlvs[0]?.value)).toBe("a.b");
    header[20] = 1;
    expect(codeOf(header)).toBe("proxy_header_malformed");
    // RFC 3720 B.4.
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  });

  test.each([
    ["another version", binary(0x11, 0x11, ...v4), "proxy_header_malformed"],
    ["another command", binary(0x22, 0x11, ...v4), "proxy_header_malformed"],
    ["another family", binary(0x21, 0x41, ...v4), "proxy_header_malformed"],
    ["another transport", binary(0x21, 0x13, ...v4), "proxy_header_malformed"],
    ["half an address", binary(0x21, 0x11, 1, 2, 3), "proxy_header_malformed"],
    ["IPv4 for IPv6", binary(0x21, 0x21, ...v4), "proxy_header_malformed"],
    ["half a TLV", binary(0x21, 0x11, ...v4, 2, 0), "proxy_header_malformed"],
    ["a TLV that is too long", binary(0x21, 0x11, ...v4, 2, 0, 2, 1), "proxy_header_malformed"],
    ["a checksum of 3 bytes", binary(0x21, 0, 3, 0, 3, 1, 1, 1), "proxy_header_malformed"],
    ["a broken signature", Uint8Array.from([...SIGNATURE.slice(0, 11), 0]), "proxy_header_missing"],
    ["far too much", binary(0x20, 0x00, ...Array<number>(5000).fill(0)), "proxy_header_too_large"],
  ])("%s", (_, bytes, code) => {
    expect(codeOf(bytes)).toBe(code);
  });
});

test("what is written is read again, whatever the families", () => {
  const ends = ["192.0.2.1", "2001:db8::1", "10.255.0.1", "::1", "::"];
  let seed = 1;
  const random = (limit: number): number => (seed = (seed * 48_271) % 0x7fffffff) % limit;
  for (let i = 0; i < 500; i++) {
    const proxied = {
      source: { address: ends[random(5)] as string, port: random(65_536) },
      destination: { address: ends[random(5)] as string, port: random(65_536) },
    };
    const tlvs = Array.from({ length: random(4) }, () => ({
      type: 0xe0 + random(16),
      value: Uint8Array.from({ length: random(40) }, () => random(256)),
    }));
    expect(read(writeTextHeader(proxied))?.header).toMatchObject(proxied);
    const binaryHeader = read(writeBinaryHeader(proxied, "udp", tlvs))?.header;
    expect(binaryHeader).toMatchObject({ ...proxied, transport: "udp", tlvs });
  }
  expect(read(writeTextHeader(undefined))?.header.local).toBe(true);
  expect(read(writeBinaryHeader(undefined))?.header.local).toBe(true);
  const nowhere = { address: "", port: 0 };
  const unix = { source: nowhere, destination: nowhere };
  expect(read(writeTextHeader(unix))?.header.local).toBe(true);
  expect(() =>
    writeBinaryHeader(
      { source: { address: "::1", port: 1 }, destination: { address: "::1", port: 1 } },
      "tcp",
      [{ type: 5, value: new Uint8Array(65_535) }],
    ),
  ).toThrow("at most 65,535");
});

test("random damage ends in a header, a wait or the one kind of error", () => {
  const good = [
    writeTextHeader({
      source: { address: "192.0.2.1", port: 1 },
      destination: { address: "192.0.2.2", port: 2 },
    }),
    writeBinaryHeader(
      { source: { address: "::1", port: 1 }, destination: { address: "::1", port: 2 } },
      "tcp",
      [{ type: 2, value: text("example.com") }],
    ),
  ];
  let seed = 7;
  const random = (limit: number): number => (seed = (seed * 48_271) % 0x7fffffff) % limit;
  let refused = 0;
  for (let i = 0; i < 5000; i++) {
    const bytes = (good[i % 2] as Uint8Array).slice();
    for (let n = 0; n <= random(3); n++) bytes[random(bytes.length)] = random(256);
    try {
      new ProxyHeaderReader().push(bytes);
    } catch (error) {
      expect((error as Error).name).toBe("ProxyProtocolError");
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(1000);
});
