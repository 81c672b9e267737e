// Backends that come and go under load, with health checks of those that are there.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGateway } from "../support/gateway.ts";
import { namedOrigin, untilAnswer, whoAnswers } from "../support/named-origins.ts";
import { seededRandom } from "../support/random.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-discovery-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const config = (path: string, more = "") => `[[upstream]]
name = "api"
discovery = { type = "file", path = "${path}" }
${more}
[[route]]
action = { type = "proxy", upstream = "api" }
`;

function write(path: string, addresses: readonly string[]): void {
  writeFileSync(`${path}.new`, addresses.join("\n"));
  renameSync(`${path}.new`, path);
}

test.each(["round_robin", "least_conn", "ip_hash"])(
  "no request is lost while backends come and go (%s)",
  async (strategy) => {
    const origins = ["one", "two", "three", "four"].map((name) => namedOrigin(name));
    const path = join(folder, "backends");
    write(
      path,
      origins.map(({ address }) => address),
    );
    // Nothing may be hidden by a retry.
    const more = `strategy = "${strategy}"\nretry = { attempts = 1 }`;
    await using gateway = await startGateway(config(path, more));
    const { discovery } = gateway.upstreams[0]!;
    const failures: string[] = [];
    let answered = 0;
    let stopped = false;
    const lanes = Array.from({ length: 12 }, async (_, lane) => {
      while (!stopped) {
        const init = lane % 2 === 0 ? {} : { method: "POST", body: "x".repeat(10_000) };
        try {
          const reply = await fetch(`http://127.0.0.1:${gateway.port}/`, init);
          const text = await reply.text();
          answered++;
          if (reply.status !== 200) failures.push(`${reply.status} ${text}`);
        } catch (error) {
          failures.push(String(error));
        }
      }
    });
    const random = seededRandom(7);
    for (let change = 0; change < 8; change++) {
      const updates = discovery!.updates;
      const some = origins.filter(() => random.below(2) === 0);
      write(
        path,
        (some.length > 0 ? some : [origins[change % 4]!]).map(({ address }) => address),
      );
      while (discovery!.updates === updates) await Bun.sleep(5);
      const enough = answered + 20;
      while (answered < enough) await Bun.sleep(5);
    }
    stopped = true;
    await Promise.all(lanes);
    expect(failures).toEqual([]);
    for (const origin of origins) await origin[Symbol.asyncDispose]();
  },
  30_000,
);

test("what is found is checked at once, and what is gone no more", async () => {
  await using one = namedOrigin("one");
  let checks = 0;
  let status = 503;
  await using ill = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      if (new URL(request.url).pathname !== "/healthz") return new Response("ill");
      checks++;
      return new Response("", { status });
    },
  });
  const path = join(folder, "backends");
  const illAddress = `127.0.0.1:${ill.port}`;
  write(path, [one.address]);
  const check =
    'health_check = { path = "/healthz", interval_secs = 1, healthy_threshold = 1, unhealthy_threshold = 1 }';
  await using gateway = await startGateway(config(path, check));
  const upstream = gateway.upstreams[0]!;
  write(path, [one.address, illAddress]);
  const found = () => upstream.backends.find(({ name }) => name.endsWith(illAddress));
  while (found()?.healthy !== false) await Bun.sleep(5);
  expect(await whoAnswers(gateway)).toEqual(["one"]);
  status = 200;
  await untilAnswer(gateway, "ill", "one");
  write(path, [one.address]);
  while (found() !== undefined) await Bun.sleep(5);
  const before = checks;
  await Bun.sleep(1_300);
  expect(checks).toBe(before);
}, 20_000);
