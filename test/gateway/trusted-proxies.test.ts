import { expect, test } from "bun:test";
import { gateway } from "../../src/gateway/index.ts";
import { exchangeRaw } from "../support/raw-client.ts";
import { startSteeredOrigin } from "../support/steered-origin.ts";

const get = (fields: readonly string[] = []) =>
  ["GET / HTTP/1.1", "Host: a.example", ...fields, "Connection: close", "", ""].join("\r\n");

async function ask(server: object, request: string): Promise<string> {
  await using origin = await startSteeredOrigin();
  const front = await gateway({
    server: { port: 0, ...server },
    log: { access: "off" },
    upstream: [{ name: "app", backends: [origin.address] }],
    route: [
      { match: { client: "192.0.2.0/24" }, action: { type: "proxy", upstream: "app" } },
      { action: { type: "respond", body: "somebody else" } },
    ],
  });
  const running = await front.serve();
  const port = Number(new URL(running.addresses[0]!.url).port);
  const { text } = await exchangeRaw(port, request, { quietMs: 2_000 });
  await running.close();
  const told = origin.requests[0]?.head.match(/^x-forwarded-\w+: .*$/gim)?.join(", ");
  return `${text.split("\r\n\r\n")[1]} ${told ?? ""}`.trim();
}

const claims = [
  "X-Forwarded-For: 10.9.9.9, 192.0.2.7",
  "X-Forwarded-Proto: https",
  "X-Forwarded-Host: b.example",
];

test("routes and backends see the client that a trusted proxy tells of, and nobody else's claims", async () => {
  expect(await ask({}, get(claims))).toBe("somebody else");
  expect(await ask({ trusted_proxies: ["10.0.0.0/8"] }, get(claims))).toBe("somebody else");
  expect(await ask({ trusted_proxies: ["loopback"] }, get(claims))).toBe(
    "hello X-Forwarded-For: 192.0.2.7, 127.0.0.1, X-Forwarded-Proto: https, X-Forwarded-Host: b.example",
  );
  const server = { trusted_proxies: ["loopback"], forwarded_fields: "forwarded" };
  expect(await ask(server, get(claims))).toBe("somebody else");
});

test("routes see the host and the scheme that are told too, so that no other host's backend is asked", async () => {
  await using origin = await startSteeredOrigin();
  const front = await gateway({
    server: { port: 0, trusted_proxies: ["loopback"] },
    log: { access: "off" },
    upstream: [{ name: "app", backends: [origin.address] }],
    route: [
      {
        match: { host: "b.example", protocol: "https" },
        action: { type: "respond", body: "of b" },
        middleware: { auth: { type: "bearer", tokens: ["0123456789abcdef"] } },
      },
      { match: { host: "b.example" }, action: { type: "redirect", to: "https://${host}${uri}" } },
      { match: { not: { host: "~^b" } }, action: { type: "proxy", upstream: "app" } },
    ],
  });
  const running = await front.serve();
  const port = Number(new URL(running.addresses[0]!.url).port);
  const told = async (...fields: string[]) =>
    (await exchangeRaw(port, get(fields), { quietMs: 2_000 })).text;
  expect(await told(...claims)).toStartWith("HTTP/1.1 401");
  expect(await told(...claims, "Authorization: Bearer 0123456789abcdef")).toEndWith("of b");
  expect(await told("X-Forwarded-Host: b.example")).toContain("Location: https://b.example/");
  expect(origin.requests).toHaveLength(0);
  expect(await told("X-Forwarded-Host: c.example")).toEndWith("hello");
  expect(origin.requests[0]?.head).toContain("\r\nHost: c.example\r\n");
  await running.close();
});

test.each([
  [
    "x-forwarded",
    "X-Forwarded-For: 203.0.113.9, 2001:DB8:0::7, 10.0.0.2",
    'for="[2001:db8::7]", for=10.0.0.2, for=127.0.0.1;host=a.example;proto=http',
  ],
  [
    "forwarded",
    'Forwarded: for=203.0.113.9, for="[2001:db8::7]:99";by=_a;proto=https, for=10.0.0.2',
    'for="[2001:db8::7]:99";by=_a;proto=https, for=10.0.0.2, for=127.0.0.1;host=a.example;proto=https',
  ],
])(
  "of what is told in %s the rest, and all in other words, ends here",
  async (words, told, said) => {
    await using origin = await startSteeredOrigin();
    const front = await gateway({
      server: { port: 0, trusted_proxies: ["loopback", "10.0.0.0/8"], forwarded_fields: words },
      log: { access: "off" },
      upstream: [{ name: "app", backends: [origin.address] }],
      route: [{ action: { type: "proxy", upstream: "app", forwarded: "both" } }],
    });
    const running = await front.serve();
    const port = Number(new URL(running.addresses[0]!.url).port);
    const others =
      words === "forwarded"
        ? "X-Forwarded-For: 2001:db8::7, 192.0.2.66"
        : "Forwarded: for=192.0.2.66;host=evil.example;proto=https";
    await exchangeRaw(port, get([told, others]), { quietMs: 2_000 });
    await running.close();
    const field = (name: string) =>
      new RegExp(`^${name}: (.*)\r$`, "im").exec(origin.requests[0]?.head ?? "")?.[1];
    expect(field("x-forwarded-for")).toBe("2001:db8::7, 10.0.0.2, 127.0.0.1");
    expect(field("forwarded")).toBe(said);
  },
);

test("with a PROXY header the connection is the client's", async () => {
  const server = { trusted_proxies: ["loopback"], proxy_protocol: true };
  const header = "PROXY TCP4 192.0.2.9 198.51.100.1 4711 80\r\n";
  expect(await ask(server, header + get(claims))).toBe(
    "hello X-Forwarded-For: 192.0.2.9, X-Forwarded-Proto: http, X-Forwarded-Host: a.example",
  );
  expect(await ask(server, get())).toBe("undefined");
});
