import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../src/config/load.ts";

function load(text: string) {
  const cwd = mkdtempSync(join(tmpdir(), "sluice-upstream-"));
  try {
    writeFileSync(join(cwd, "sluice.toml"), text);
    return loadConfig({ file: "sluice.toml", cwd });
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

const ROUTE = '\n[[route]]\n[route.action]\ntype = "respond"\n';

test("an upstream with backends of every kind and a health check", () => {
  const { config, diagnostics } = load(`[[upstream]]
name = "api"
strategy = "least_conn"
backends = ["10.0.0.10:8080", { url = "https://10.0.0.11:8443", weight = 3 }, "h2://10.0.0.12:8081", "unix:/run/app.sock"]
[upstream.health_check]
path = "/healthz"
interval_secs = 10
timeout_ms = 2000
healthy_threshold = 2
unhealthy_threshold = 3
${ROUTE}`);
  expect(diagnostics).toEqual([]);
  const [upstream] = config?.upstream ?? [];
  expect(upstream?.backends).toEqual([
    "10.0.0.10:8080",
    { url: "https://10.0.0.11:8443", weight: 3, backup: false, max_connections: 0 },
    "h2://10.0.0.12:8081",
    "unix:/run/app.sock",
  ]);
  expect(upstream).toMatchObject({
    strategy: "least_conn",
    host: "preserve",
    keepalive: { idle_secs: 4 },
    health_check: { type: "http", status: ["200-399"], healthy_threshold: 2 },
    retry: { attempts: 3, statuses: [502, 503, 504], budget_percent: 20 },
  });
  expect([upstream?.breaker, upstream?.ejection]).toEqual([undefined, undefined]);
});

test.each(["path", "header:X-Key", "cookie:sid", "query:k"])("hash_by = %p", (by) => {
  const { diagnostics } = load(
    `[[upstream]]\nname = "a"\nstrategy = "hash"\nhash_by = "${by}"\nbackends = ["10.0.0.1"]\n${ROUTE}`,
  );
  expect(diagnostics).toEqual([]);
});

test("checks of other kinds, limits, a breaker and an ejection", () => {
  const { config, diagnostics } = load(`[[upstream]]
name = "rpc"
backends = ["grpc://10.0.0.1:50051", { url = "grpcs://10.0.0.2", backup = true }]
host = "rpc.internal"
max_in_flight = 100
queue = 20
breaker = {}
ejection = { max_percent = 30 }
health_check = { type = "grpc", service = "shop.v1.Orders" }
tls = { server_name = "rpc.internal", min_version = "1.3" }
${ROUTE}`);
  expect(diagnostics).toEqual([]);
  expect(config?.upstream[0]).toMatchObject({
    breaker: { consecutive_faults: 10, max_probes: 1 },
    ejection: { max_percent: 30, base_ms: 10_000 },
  });
});
