import { afterAll, beforeAll, expect, test } from "bun:test";
import { createDevelopmentCertificate } from "../../src/server/tls/self-signed.ts";
import type { Server } from "../../src/server/serve.ts";
import { serve } from "../../src/server/serve.ts";
import { echoApp } from "../support/echo-app.ts";
import { lacks } from "../support/programs.ts";

/** Clients with HTTP/2 of their own, over TLS and ALPN. node:http2 and Chromium are elsewhere. */
let server: Server;
let url: string;

beforeAll(async () => {
  const certificate = createDevelopmentCertificate({ names: ["localhost"], days: 2 });
  server = await serve(echoApp(), { port: 0, http3: false, tls: { certificates: [certificate] } });
  url = `https://localhost:${server.port}`;
});
afterAll(() => server.close());

test("Bun's fetch", async () => {
  const options = { protocol: "http2", tls: { rejectUnauthorized: false } } as BunFetchRequestInit;
  const seen = (await (await fetch(`${url}/a`, options)).json()) as { protocol: string };
  expect(seen.protocol).toBe("HTTP/2");
  const body = "a".repeat(500_000);
  const echoed = await fetch(`${url}/echo`, { ...options, method: "POST", body });
  expect(((await echoed.json()) as { body: string }).body).toBe(body);
});

test.skipIf(lacks("curl"))("curl", async () => {
  const child = Bun.spawn(
    ["curl", "-sk", "--http2", "-w", "%{http_version}", "-d", "hello", `${url}/echo`],
    {
      stdout: "pipe",
    },
  );
  const text = await new Response(child.stdout).text();
  expect(text).toContain('"body":"hello"');
  expect(text.endsWith("}2")).toBe(true);
});

test.skipIf(lacks("h2load"))(
  "h2load: ten thousand requests on sixteen connections",
  async () => {
    const child = Bun.spawn(["h2load", "-n", "10000", "-c", "16", "-m", "16", `${url}/a`], {
      stdout: "pipe",
      stderr: "ignore",
    });
    const text = await new Response(child.stdout).text();
    expect(text).toContain("10000 succeeded, 0 failed, 0 errored, 0 timeout");
    expect(text).toContain("status codes: 10000 2xx");
  },
  30_000,
);
