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

test("with a PROXY header the connection is the client's", async () => {
  const server = { trusted_proxies: ["loopback"], proxy_protocol: true };
  const header = "PROXY TCP4 192.0.2.9 198.51.100.1 4711 80\r\n";
  expect(await ask(server, header + get(claims))).toBe(
    "hello X-Forwarded-For: 192.0.2.9, X-Forwarded-Proto: http, X-Forwarded-Host: a.example",
  );
  expect(await ask(server, get())).toBe("undefined");
});
