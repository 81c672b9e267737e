import { describe, expect, test } from "bun:test";
import { networkOf, parseIp } from "./ip-address.ts";
import { IpNetworks } from "./ip-networks.ts";

describe("parseIp", () => {
  test("reads addresses into one canonical text", () => {
    for (const [text, canonical] of [
      ["192.0.2.1", "192.0.2.1"],
      ["0.0.0.0", "0.0.0.0"],
      ["::ffff:192.0.2.1", "192.0.2.1"],
      ["::FFFF:c000:201", "192.0.2.1"],
      ["2001:DB8:0:0::1", "2001:db8::1"],
      ["::", "::"],
      ["fe80::1%eth0", "fe80::1"],
      ["64:ff9b::192.0.2.1", "64:ff9b::c000:201"],
    ]) {
      expect([text, parseIp(text as string)?.toString()]).toEqual([text, canonical]);
    }
  });

  test("refuses every other spelling", () => {
    for (const text of [
      "",
      "127.1",
      "010.0.0.1",
      "0x7f.0.0.1",
      "2130706433",
      "192.0.2.256",
      "192.0.2.1 ",
      "1.2.3.4.5",
      "::ffff:010.0.0.1",
      "::ffff:1.2.3",
      ":::",
      "1:2:3:4:5:6:7:8:9",
      "1::2::3",
      "g::1",
      "[::1]",
      "::1\r\nX: y",
      "example.com",
      "1".repeat(100_000),
      ":".repeat(100_000),
    ]) {
      expect([text.slice(0, 30), parseIp(text)?.toString()]).toEqual([
        text.slice(0, 30),
        undefined,
      ]);
    }
  });

  test("networkOf puts the addresses of one IPv6 client together", () => {
    const net = (text: string, bits: number) => networkOf(parseIp(text) as never, bits);
    expect(net("2001:db8:1:2:3::4", 64)).toBe("2001:db8:1:2::/64");
    expect(net("2001:db8:1:2ff:3::4", 56)).toBe("2001:db8:1:200::/56");
    expect(net("2001:db8::4", 128)).toBe("2001:db8::4/128");
    expect(net("192.0.2.1", 64)).toBe("192.0.2.1");
  });
});

describe("IpNetworks", () => {
  test("knows what is in it", () => {
    const set = new IpNetworks(["192.0.2.0/24", "2001:db8::/32", "198.51.100.7", "loopback"]);
    for (const ip of [
      "192.0.2.0",
      "192.0.2.255",
      "::ffff:192.0.2.9",
      "2001:db8:ffff::1",
      "198.51.100.7",
      "127.8.9.1",
      "::1",
    ])
      expect([ip, set.has(ip)]).toEqual([ip, true]);
    for (const ip of [
      "192.0.3.0",
      "2001:db9::",
      "198.51.100.8",
      "",
      "unknown",
      "0192.0.2.1",
      "::2",
    ])
      expect([ip, set.has(ip)]).toEqual([ip, false]);
  });

  test("takes mapped networks, and everything", () => {
    expect(new IpNetworks(["::ffff:10.0.0.0/104"]).has("10.200.0.1")).toBe(true);
    expect(new IpNetworks(["::ffff:10.0.0.0/104"]).has("11.0.0.1")).toBe(false);
    expect(new IpNetworks(["0.0.0.0/0"]).has("203.0.113.5")).toBe(true);
    expect(new IpNetworks(["0.0.0.0/0"]).has("2001:db8::1")).toBe(false);
    expect(new IpNetworks(["::/0"]).has("2001:db8::1")).toBe(true);
  });

  test("answers the same when asked for more addresses than it keeps", () => {
    const set = new IpNetworks(["10.0.0.0/9"]);
    for (let round = 0; round < 2; round++)
      for (let i = 0; i < 3000; i++)
        expect(set.has(`10.${i & 255}.${i >> 8}.1`)).toBe((i & 255) < 128);
  });

  test("names an entry that is none", () => {
    for (const entry of [
      "10.0.0.0/33",
      "10.0.0/8",
      "::/129",
      "localhost",
      "",
      "10.0.0.0/",
      "1/2/3",
    ])
      expect(() => new IpNetworks([entry])).toThrow(`"${entry}" is no address or network`);
    expect(() => new IpNetworks(["::ffff:10.0.0.0/95"])).toThrow("up to 32");
  });
});
