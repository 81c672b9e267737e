// What a gateway in a process of its own shows of its discovery, and what a reload does to it.
import { expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Status } from "../../src/admin/status.ts";
import { folder, serving, sluice } from "../cli/cli.ts";
import { until } from "../lifecycle/harness.ts";
import { namedOrigin } from "../support/named-origins.ts";

setDefaultTimeout(30_000);

const config = (workers: number, more = "") => `[server]
port = 0
workers = ${workers}
[admin]
port = 0
[log]
level = "info"
error = "error.log"
[[upstream]]
name = "api"
discovery = { type = "file", path = "backends" }
${more}
[[route]]
action = { type = "proxy", upstream = "api" }
`;

test.each([1, 2])("status, metrics and log of %d process(es)", async (workers) => {
  await using one = namedOrigin("one");
  await using two = namedOrigin("two");
  using here = folder({ "sluice.toml": config(workers), backends: one.address });
  const backends = join(here.path, "backends");
  const server = await serving([], here.path);
  const admin = server.started.addresses[1]?.url as string;
  const status = async () => (await (await fetch(`${admin}/status`)).json()) as Status;
  const upstream = async () => (await status()).upstreams[0];
  const answer = await fetch(server.url);
  expect(await answer.text()).toBe("one");
  expect(await upstream()).toMatchObject({
    discovery: {
      source: `file ${backends}`,
      state: "ok",
      reason: null,
      updates: workers,
      failures: 0,
    },
  });
  writeFileSync(`${backends}.new`, `${one.address}\n${two.address}\n`);
  renameSync(`${backends}.new`, backends);
  await until(async () => (await upstream())?.discovery?.updates === 2 * workers);
  expect((await upstream())?.backends.map(({ name }) => name)).toEqual([
    `http://${one.address}`,
    `http://${two.address}`,
  ]);
  rmSync(backends);
  await until(async () => (await upstream())?.discovery?.failures === workers);
  const { discovery } = (await upstream())!;
  expect(discovery).toMatchObject({ state: "failing" });
  expect(discovery?.reason).toContain("no such file");
  const table = await sluice(["status", "--url", admin], here.path);
  expect(table.out).toContain(`file ${backends}, failing: cannot read`);
  const metrics = await (await fetch(`${admin}/metrics`)).text();
  const labels = `upstream="api",source="file ${backends}"`;
  expect(metrics).toContain(
    `sluice_upstream_discovery_state{${labels},state="failing"} ${workers}`,
  );
  expect(metrics).toContain(`sluice_upstream_discovery_failures_total{${labels}} ${workers}`);
  expect(await server.stop()).toBe(0);
  const lines = readFileSync(join(here.path, "error.log"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((line) => line["discovery"] !== undefined);
  const found = lines.filter(({ added }) => added === `http://${two.address}`);
  expect(found).toHaveLength(workers);
  expect(found[0]).toMatchObject({ level: "info", upstream: "api" });
  expect(found[0]).not.toHaveProperty("removed");
  const failed = lines.filter(({ level }) => level === "warn");
  expect(failed).toHaveLength(workers);
  expect(failed[0]?.["reason"]).toContain("no such file");
});

test("a reload while the source fails begins with what is known: no request is lost", async () => {
  await using one = namedOrigin("one");
  using here = folder({ "sluice.toml": config(1), backends: one.address });
  const server = await serving([], here.path);
  const admin = server.started.addresses[1]?.url as string;
  const ask = async () => {
    const answer = await fetch(server.url);
    return `${answer.status} ${await answer.text()}`;
  };
  expect(await ask()).toBe("200 one");
  rmSync(join(here.path, "backends"));
  writeFileSync(join(here.path, "sluice.toml"), config(1, 'strategy = "random"'));
  process.kill(server.started.pid, "SIGHUP");
  const answers = new Set<string>();
  await until(async () => {
    answers.add(await ask());
    const { reloads } = (await (await fetch(`${admin}/status`)).json()) as Status;
    return reloads.success === 1;
  });
  answers.add(await ask());
  expect([...answers]).toEqual(["200 one"]);
  expect(await server.stop()).toBe(0);
});
