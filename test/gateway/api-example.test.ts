// examples/gateway/api.toml as it stands, with addresses of this machine in the place of its own.
import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "../../src/core/app.ts";
import { serve } from "../../src/server/serve.ts";
import { sluice } from "../cli/cli.ts";
import { createTestAuthority } from "../support/certificates.ts";
import { startGateway } from "../support/gateway.ts";

const file = join(import.meta.dir, "../../examples/gateway/api.toml");
const TOKEN = "0123456789abcdef";

test("the file is right as it is", async () => {
  const checked = await sluice(["check", "-c", file], tmpdir(), { API_TOKEN: TOKEN });
  expect(checked).toMatchObject({ code: 0 });
  const without = await sluice(["check", "-c", file], tmpdir());
  expect(without.code).toBe(1);
  expect(without.err).toContain("API_TOKEN");
});

/** Answers with its name and the protocol it was asked by, after a moment in which others come. */
function backend(name: string): App {
  return new App().all("/*", async (c) => {
    if (c.path !== "/healthz") await Bun.sleep(30);
    return new Response(`${name} ${c.exchange.protocol} ${c.exchange.target}`, {
      headers: { "x-host": c.exchange.authority },
    });
  });
}

test("a token and a limit before four backends of four kinds", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-api-"));
  const authority = createTestAuthority();
  const local = { host: "127.0.0.1", port: 0 };
  const plain = await serve(backend("plain"), local);
  const tls = await serve(backend("tls"), {
    ...local,
    tls: { certificates: [authority.server(["127.0.0.1", "api.example.com"])] },
  });
  const http2 = await serve(backend("h2"), local);
  const socket = join(folder, "app.sock");
  const unix = createServer((request, response) => {
    setTimeout(() => response.end(`unix HTTP/${request.httpVersion} ${request.url}`), 30);
  });
  await new Promise<void>((resolve) => unix.listen(socket, resolve));
  const toml = readFileSync(file, "utf8")
    .replace("10.0.0.10:8080", `127.0.0.1:${plain.port}`)
    .replace("10.0.0.11:8443", `127.0.0.1:${tls.port}`)
    .replace("10.0.0.12:8081", `127.0.0.1:${http2.port}`)
    .replace("/run/app.sock", socket)
    .replace(
      'name = "api"',
      `name = "api"\ntls = { ca = ${JSON.stringify(authority.certificate)} }`,
    );
  const gateway = await startGateway(toml, {}, { env: { API_TOKEN: TOKEN } });
  const ask = (path: string, headers: Record<string, string> = {}, host = "api.example.com") =>
    fetch(`http://127.0.0.1:${gateway.port}${path}`, { headers: { host, ...headers } });
  const authorization = `Bearer ${TOKEN}`;
  try {
    const refused = await ask("/v1/orders");
    expect(refused.status).toBe(401);
    expect(refused.headers.get("www-authenticate")).toStartWith("Bearer");
    const wrong = await ask("/v1/orders", { authorization: "Bearer 0123456789abcdeX" });
    expect(wrong.status).toBe(401);

    const letIn = await Promise.all(
      Array.from({ length: 36 }, () => ask("/v1/orders?a=1", { authorization })),
    );
    expect(letIn.map(({ status }) => status)).toEqual(Array.from({ length: 36 }, () => 200));
    const counts: Record<string, number> = {};
    for (const answer of letIn) {
      const said = await answer.text();
      counts[said] = (counts[said] ?? 0) + 1;
    }
    expect(Object.keys(counts).toSorted()).toEqual([
      "h2 HTTP/2 /v1/orders?a=1",
      "plain HTTP/1.1 /v1/orders?a=1",
      "tls HTTP/1.1 /v1/orders?a=1",
      "unix HTTP/1.1 /v1/orders?a=1",
    ]);
    // Three times the weight of each other.
    const byTls = counts["tls HTTP/1.1 /v1/orders?a=1"] as number;
    for (const [said, count] of Object.entries(counts)) {
      if (!said.startsWith("tls")) expect(count).toBeLessThan(byTls);
    }
    const last = await ask("/v1/orders", { authorization });
    expect(last.headers.get("ratelimit-policy")).toContain("q=500;w=60");
    // All that were asked before count, those without a token too.
    expect(last.headers.get("ratelimit")).toContain("r=461");

    for (const [path, host] of [
      ["/v2", "api.example.com"],
      ["/v1/orders", "other.example.com"],
    ] as const) {
      const other = await ask(path, { authorization }, host);
      expect([other.status, await other.text()]).toEqual([404, "Not Found"]);
      expect(other.headers.get("ratelimit")).toBeNull();
    }
  } finally {
    await gateway.close();
    await Promise.all([plain, tls, http2].map((one) => one.close()));
    unix.closeAllConnections();
    unix.close();
    rmSync(folder, { recursive: true });
  }
});
