import { describe, expect, test } from "bun:test";
import { App } from "../../src/core/app.ts";
import { proxy } from "../../src/proxy/proxy.ts";
import { Upstream } from "../../src/upstream/upstream.ts";
import { startGateway } from "../support/gateway.ts";
import { startH2Origin } from "../support/h2-origin.ts";
import { withServer } from "./with-gateway.ts";
import { exchangeRaw } from "../support/raw-client.ts";
import type { SteeredOrigin } from "../support/steered-origin.ts";
import { startSteeredOrigin } from "../support/steered-origin.ts";

const toml = (backend: string, action: string, upstream = "") => `
[[upstream]]
name = "app"
backends = ["${backend}"]
${upstream}
[[route]]
[route.action]
type = "proxy"
upstream = "app"
${action}
`;

/** What a client gets for fields of an origin's answer. */
async function told(
  origin: SteeredOrigin,
  port: number,
  fields: readonly string[],
  status = "302 Found",
): Promise<Headers> {
  const head = [`HTTP/1.1 ${status}`, "Content-Length: 0", ...fields];
  origin.plan = [{ send: `${head.join("\r\n")}\r\n\r\n` }];
  const reply = await fetch(`http://127.0.0.1:${port}/x`, {
    redirect: "manual",
    headers: { host: "shop.example" },
  });
  return reply.headers;
}

describe("Location", () => {
  test("of the backend's own origin becomes the public one; everything else stays", async () => {
    await using origin = await startSteeredOrigin();
    await using gateway = await startGateway(toml(origin.address, ""));
    const location = async (value: string, status?: string) =>
      (await told(origin, gateway.port, [`Location: ${value}`], status)).get("location");
    const own = `http://${origin.address}`;
    expect(await location(`${own}/a?b=${own}#c`)).toBe(`http://shop.example/a?b=${own}#c`);
    expect(await location(own)).toBe("http://shop.example");
    expect(await location(`HTTP://${origin.address}/new`, "201 Created")).toBe(
      "http://shop.example/new",
    );
    for (const other of [
      "/a",
      "a/b",
      "//127.0.0.1/a",
      "https://elsewhere.example/",
      `${own}1/`,
      `http://user@${origin.address}/`,
      "http://shop.example/a",
      "https://shop.example/a",
      "mailto:a@b",
    ])
      expect(await location(other)).toBe(other);
    const headers = await told(origin, gateway.port, [
      `Content-Location: ${own}/doc`,
      `Refresh: 5; url="${own}/next"`,
      `Set-Cookie: a=1; Domain=app.internal; Path=/`,
      `Link: <${own}/>; rel=x`,
    ]);
    expect(headers.get("content-location")).toBe("http://shop.example/doc");
    expect(headers.get("refresh")).toBe('5; url="http://shop.example/next"');
    expect(headers.get("set-cookie")).toBe("a=1; Domain=app.internal; Path=/");
    expect(headers.get("link")).toBe(`<${own}/>; rel=x`);
  });

  test("is left alone where that is said", async () => {
    await using origin = await startSteeredOrigin();
    await using gateway = await startGateway(toml(origin.address, 'location = "off"'));
    const own = `http://${origin.address}/a`;
    const headers = await told(origin, gateway.port, [`Location: ${own}`, `Refresh: 1;url=${own}`]);
    expect([headers.get("location"), headers.get("refresh")]).toEqual([own, `1;url=${own}`]);
  });

  test("follows rules first, with groups and variables", async () => {
    await using origin = await startSteeredOrigin();
    await using gateway = await startGateway(
      toml(
        origin.address,
        `
location = [
  { from = "http://old.internal/", to = "\${scheme}://\${host}/old/" },
  { from = "~^https?://(?<app>[a-z]+)\\\\.internal(/.*)?$", to = "https://$<app>.example$2" },
  { from = "/", to = "/shop/" },
]`,
      ),
    );
    const location = async (value: string) =>
      (await told(origin, gateway.port, [`Location: ${value}`])).get("location");
    expect(await location("http://old.internal/a")).toBe("http://shop.example/old/a");
    expect(await location("https://crm.internal/a/b")).toBe("https://crm.example/a/b");
    expect(await location("https://crm.internal")).toBe("https://crm.example");
    expect(await location("/basket")).toBe("/shop/basket");
    expect(await location("//evil.example/")).toBe("//evil.example/");
    expect(await location(`http://${origin.address}/a`)).toBe("http://shop.example/a");
  });

  test("of a path cut short is still a path", async () => {
    await using origin = await startSteeredOrigin();
    const rule = 'location = [{ from = "/app", to = "/" }]';
    await using gateway = await startGateway(toml(origin.address, rule));
    const headers = await told(origin, gateway.port, ["Location: /app//evil.example/"]);
    expect(headers.get("location")).toBe("/evil.example/");
  });

  test("names no host to a client that named none, and the host that is sent is known", async () => {
    await using origin = await startSteeredOrigin();
    await using gateway = await startGateway(toml(origin.address, 'host = "App.internal"'));
    origin.plan = [
      {
        send: "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: https://app.internal:443/a\r\n\r\n",
      },
    ];
    const { text } = await exchangeRaw(gateway.port, "GET / HTTP/1.0\r\n\r\n", { quietMs: 5_000 });
    expect(text).toContain("\r\nLocation: /a\r\n");
    expect(origin.requests[0]?.head).toContain("Host: App.internal\r\n");
  });

  test("of a refused WebSocket is rewritten too, and in an application", async () => {
    await using origin = await startSteeredOrigin();
    const upstream = new Upstream({ name: "app", backends: [origin.address] });
    const app = new App().add({ path: "/*", handler: proxy(upstream) });
    await withServer(app, async (port) => {
      origin.plan = [
        {
          send: `HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://${origin.address}/login\r\n\r\n`,
        },
      ];
      const { text } = await exchangeRaw(
        port,
        "GET /ws HTTP/1.1\r\nHost: shop.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
        { until: (seen) => seen.includes("\r\n\r\n"), quietMs: 5_000 },
      );
      expect(text).toContain("Location: http://shop.example/login\r\n");
    });
    upstream.close();
  });

  test("of an HTTP/2 backend is rewritten too", async () => {
    await using origin = await startH2Origin();
    const own = `http://127.0.0.1:${origin.port}/b`;
    origin.plan = (stream) => void stream.head(302, [["location", own]], 1);
    await using gateway = await startGateway(toml(origin.address, ""));
    const address = `http://127.0.0.1:${gateway.port}`;
    const reply = await fetch(`${address}/`, { redirect: "manual" });
    expect(reply.headers.get("location")).toBe(`${address}/b`);
  });
});

test("cookies get the domain and the path that clients see", async () => {
  await using origin = await startSteeredOrigin();
  await using gateway = await startGateway(
    toml(
      origin.address,
      `cookie_domain = { "app.internal" = "shop.example", "*" = "" }\ncookie_path = { "/app/" = "/" }`,
    ),
  );
  const headers = await told(origin, gateway.port, [
    "Set-Cookie: a=1; Domain=app.internal; Path=/app/x; Secure",
    "Set-Cookie: b=2; Domain=other.internal; Path=/other",
    "Set-Cookie: __Host-c=3; Path=/; Secure",
  ]);
  expect(headers.getSetCookie()).toEqual([
    "a=1; Domain=shop.example; Path=/x; Secure",
    "b=2; Path=/other",
    "__Host-c=3; Path=/; Secure",
  ]);
});

describe("Host", () => {
  const cases: [action: string, upstream: string, sent: (own: string) => string][] = [
    ["", "", () => "shop.example"],
    ['host = "backend"', "", (own) => own],
    ['host = "app.internal:8080"', "", () => "app.internal:8080"],
    ["", 'host = "backend"', (own) => own],
    ['host = "preserve"', 'host = "backend"', () => "shop.example"],
    ["", 'host = "app.internal"', () => "app.internal"],
  ];
  for (const [action, upstream, sent] of cases) {
    test(`${action || "nothing"} on the route, ${upstream || "nothing"} on the upstream`, async () => {
      await using origin = await startSteeredOrigin();
      await using gateway = await startGateway(toml(origin.address, action, upstream));
      await told(origin, gateway.port, []);
      const head = origin.requests[0]?.head ?? "";
      expect(/^host: (.*)\r$/im.exec(head)?.[1]).toBe(sent(origin.address));
      expect(/^x-forwarded-host: (.*)\r$/im.exec(head)?.[1]).toBe("shop.example");
      expect(head.match(/^host:/gim)).toHaveLength(1);
    });
  }
});
