import { describe, expect, test } from "bun:test";
import { ask } from "../../../test/middleware/asking.ts";
import { App } from "../../core/app.ts";
import type { TrustedProxyOptions } from "./forwarded-reader.ts";
import { trustedProxy } from "./trusted-proxy.ts";

const trust = ["10.0.0.0/8", "2001:db8:1::/48"];

async function seen(
  headers: Record<string, string> | readonly (readonly [string, string])[],
  { from = "10.0.0.1", fields }: { from?: string; fields?: TrustedProxyOptions["fields"] } = {},
): Promise<string> {
  const app = new App()
    .use(trustedProxy({ trust, ...(fields && { fields }) }))
    .get("/", ({ ip, scheme, host, url }) => `${ip} ${scheme} ${host} ${url.origin}`);
  const { status, body } = await ask(app, "/", { from, headers });
  expect(status).toBe(200);
  const [ip, scheme, host, origin] = body.split(" ") as [string, string, string, string];
  expect(new URL(origin).protocol).toBe(`${scheme}:`);
  return `${ip} ${scheme} ${host}`;
}

describe("X-Forwarded-*", () => {
  test("is believed of a trusted proxy", async () => {
    const headers = {
      "X-Forwarded-For": "192.0.2.7",
      "X-Forwarded-Proto": "https",
      "X-Forwarded-Host": "Shop.Example:8443",
    };
    expect(await seen(headers)).toBe("192.0.2.7 https shop.example:8443");
    expect(await seen(headers, { from: "2001:db8:1::5" })).toBe(
      "192.0.2.7 https shop.example:8443",
    );
    expect(await seen(headers, { from: "::ffff:10.9.9.9" })).toContain("192.0.2.7 https");
  });

  test("is nothing from anybody else", async () => {
    const headers = {
      "X-Forwarded-For": "10.0.0.1",
      "X-Forwarded-Proto": "https",
      "X-Forwarded-Host": "evil.example",
    };
    expect(await seen(headers, { from: "203.0.113.9" })).toBe("203.0.113.9 http example.test");
  });

  test("is walked from the right: what a client wrote itself stays its own claim", async () => {
    for (const [field, ip] of [
      ["127.0.0.1, 192.0.2.7", "192.0.2.7"],
      ["10.0.0.9, 192.0.2.7", "192.0.2.7"],
      ["10.0.0.9, 192.0.2.7, 10.0.0.3", "192.0.2.7"],
      ["192.0.2.7, 10.0.0.3 ,\t10.0.0.2", "192.0.2.7"],
      ["10.0.0.5, 10.0.0.6", "10.0.0.5"],
      ["192.0.2.7:1234", "192.0.2.7"],
      ["[2001:DB8:2:0::1]:99, 2001:db8:1::9", "2001:db8:2::1"],
      ["::ffff:192.0.2.7", "192.0.2.7"],
      // What is no address ends the walk at the proxy that wrote it.
      ["192.0.2.7, unknown, 10.0.0.3", "10.0.0.3"],
      ["192.0.2.7, unknown", "10.0.0.1"],
      ["192.0.2.7,", "10.0.0.1"],
      ["127.1", "10.0.0.1"],
      ["<script>", "10.0.0.1"],
      ["", "10.0.0.1"],
    ])
      expect([field, await seen({ "X-Forwarded-For": field as string })]).toEqual([
        field as string,
        `${ip} http example.test`,
      ]);
  });

  test("is one list over several lines", async () => {
    const headers = [
      ["X-Forwarded-For", "127.0.0.1"],
      ["x-forwarded-for", "192.0.2.7"],
      ["X-Forwarded-For", "10.0.0.3"],
    ] as const;
    expect(await seen(headers)).toBe("192.0.2.7 http example.test");
  });

  test("has its scheme and host from the hop that told of the client", async () => {
    const of = (proto: string, hops = "192.0.2.7, 10.0.0.3") =>
      seen({ "X-Forwarded-For": hops, "X-Forwarded-Proto": proto });
    expect(await of("https, http")).toContain(" https ");
    expect(await of("http, https")).toContain(" http ");
    // The client claimed https, the proxy added what it saw.
    expect(await of("https, http", "10.0.0.66, 192.0.2.7")).toContain(" http ");
    expect(await of("https, http", "192.0.2.7")).toContain(" http ");
    expect(await of("HTTPS")).toContain(" https ");
    for (const proto of ["ftp", "javascript", "https\t", ""])
      expect((await of(`${proto}`)).split(" ")[1]).toBe(
        proto.trim() === "https" ? "https" : "http",
      );
  });

  test("names no host that is none", async () => {
    for (const host of [
      "evil.example/path",
      "user@evil.example",
      "evil.example:99999",
      "evil.example:http",
      "[::1",
      "[:::1]",
      "a b",
      "",
      "-a.example",
      "a\\b",
      "a?b",
      "a#b",
      "x".repeat(300),
      "\u00e9.example",
    ])
      expect([host, await seen({ "X-Forwarded-Host": host })]).toEqual([
        host,
        "10.0.0.1 http example.test",
      ]);
    for (const host of ["a.example", "localhost:3000", "[2001:db8::1]:8443", "a_b.example", "a."])
      expect(await seen({ "X-Forwarded-Host": host })).toBe(`10.0.0.1 http ${host}`);
  });
});

describe("Forwarded", () => {
  const forwarded = (value: string, from?: string) =>
    seen({ Forwarded: value }, { fields: "forwarded", ...(from !== undefined && { from }) });

  test("is believed of a trusted proxy, and of nobody else", async () => {
    const value = 'for="[2001:db8:2::1]:4711";proto=https;host="shop.example"';
    expect(await forwarded(value)).toBe("2001:db8:2::1 https shop.example");
    expect(await forwarded(value, "203.0.113.9")).toBe("203.0.113.9 http example.test");
  });

  test("is walked from the right", async () => {
    for (const [value, expected] of [
      ["for=127.0.0.1;proto=https, for=192.0.2.7", "192.0.2.7 http example.test"],
      ["for=192.0.2.7;proto=https, for=10.0.0.3;proto=http", "192.0.2.7 https example.test"],
      ["for=192.0.2.7, for=unknown, for=10.0.0.3", "10.0.0.3 http example.test"],
      ["for=_hidden;proto=https", "10.0.0.1 https example.test"],
      ["proto=https", "10.0.0.1 https example.test"],
      ["for=192.0.2.7;for=192.0.2.8", "10.0.0.1 http example.test"],
      ['for="192.0.2.7', "10.0.0.1 http example.test"],
      ["for=192.0.2.7;host=evil/..", "10.0.0.1 http example.test"],
    ])
      expect([value, await forwarded(value as string)]).toEqual([value, expected] as string[]);
  });

  test("and the other fields do not count beside each other", async () => {
    expect(await seen({ Forwarded: "for=192.0.2.7" })).toContain("10.0.0.1 ");
    const headers = { "X-Forwarded-For": "192.0.2.7" };
    expect(await seen(headers, { fields: "forwarded" })).toContain("10.0.0.1 ");
  });
});

test("long lists are read in one go", async () => {
  const headers = { "X-Forwarded-For": "10.0.0.2,".repeat(50_000) + "10.0.0.2" };
  expect(await seen(headers)).toBe("10.0.0.2 http example.test");
  expect(await seen({ "X-Forwarded-Host": "a.".repeat(100_000) })).toContain("example.test");
});

test("names an entry of trust that is none", () => {
  expect(() => trustedProxy({ trust: ["10.0.0.0/99"] })).toThrow('"10.0.0.0/99" is no address');
});

describe("routes by host", () => {
  const app = () =>
    new App()
      .use(trustedProxy({ trust }))
      .use(async (c, next) => {
        runs++;
        return next();
      })
      .host(
        "b.example",
        new App().get("/", ({ host, ip }) => `b: ${host} ${ip}`),
      )
      .host(
        "*.c.example",
        new App().get("/:id", ({ host, params }) => `c: ${host} ${params.id}`),
      )
      .get("/", ({ host }) => `any: ${host}`)
      .fallback(({ host }) => `none: ${host}`);
  let runs = 0;

  test("are found by the host that a trusted proxy tells of", async () => {
    const told = async (host: string, path = "/", from = "10.0.0.1") =>
      (await ask(app(), path, { from, headers: { "X-Forwarded-Host": host } })).body;
    expect(await told("B.example:8443")).toBe("b: b.example:8443 10.0.0.1");
    expect(await told("x.c.example", "/7")).toBe("c: x.c.example 7");
    expect(await told("d.example")).toBe("any: d.example");
    expect(await told("d.example", "/none")).toBe("none: d.example");
    expect(await told("b.example", "/", "203.0.113.9")).toBe("any: example.test");
  });

  test("and not by the one that it asked for", async () => {
    const asked = new App().use(trustedProxy({ trust })).host(
      "inner.example",
      new App().get("/", () => "inner"),
    );
    const headers = { host: "inner.example", "X-Forwarded-Host": "outer.example" };
    expect(
      (await ask(asked, "/", { from: "10.0.0.1", authority: "inner.example", headers })).status,
    ).toBe(404);
    expect((await ask(asked, "/", { authority: "inner.example", headers })).body).toBe("inner");
  });

  test("what stands around runs once, with the client that is told", async () => {
    runs = 0;
    const headers = { "X-Forwarded-Host": "b.example", "X-Forwarded-For": "192.0.2.7" };
    const { body } = await ask(app(), "/", { from: "10.0.0.1", headers });
    expect(body).toBe("b: b.example 192.0.2.7");
    expect(runs).toBe(1);
  });
});
