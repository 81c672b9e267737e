// Backends from a file, through a gateway that runs.
import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DiscoveryEvent } from "../../src/upstream/upstream-observer.ts";
import { startGateway } from "../support/gateway.ts";
import { namedOrigin, untilAnswer, whoAnswers } from "../support/named-origins.ts";

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

/** Replaces a file as deployments do. */
function replace(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

test("backends come and go with the file; what is under way on one that goes ends in peace", async () => {
  await using one = namedOrigin("one");
  await using two = namedOrigin("two");
  await using three = namedOrigin("three");
  const path = join(folder, "backends.json");
  writeFileSync(path, JSON.stringify([one.address, { url: two.address, weight: 2 }]));
  const events: DiscoveryEvent[] = [];
  const observer = {
    discovery: (_: string, __: string, event: DiscoveryEvent) => void events.push(event),
  };
  await using gateway = await startGateway(config(path), {}, { observer });
  expect(await whoAnswers(gateway)).toEqual(["one", "two"]);
  const upstream = gateway.upstreams[0]!;
  const [first, second] = upstream.backends;
  expect(second?.weight).toBe(2);

  const slow = await fetch(`http://127.0.0.1:${gateway.port}/slow`);
  const reader = slow.body!.getReader();
  const text = new TextDecoder().decode((await reader.read()).value);
  const [holder, stays] = text.startsWith("one") ? [one, two] : [two, one];
  const kept = upstream.backends.find(({ name }) => name === `http://${stays.address}`);
  replace(path, JSON.stringify({ backends: [stays.address, three.address] }));
  await untilAnswer(gateway, stays === one ? "one" : "two", "three");
  // The one that stays is the same, with its connections.
  expect(upstream.backends).toContain(kept!);
  expect([first, second].filter((backend) => upstream.backends.includes(backend!))).toEqual([kept]);
  holder.letGo();
  expect(new TextDecoder().decode((await reader.read()).value)).toBe("and ends");
  expect((await reader.read()).done).toBe(true);

  const change = events.findLast(({ kind }) => kind === "changed");
  expect(change?.kind === "changed" && change.added.map(({ name }) => name)).toEqual([
    `http://${three.address}`,
  ]);
  expect(change?.kind === "changed" && change.removed.map(({ name }) => name)).toEqual([
    `http://${holder.address}`,
  ]);
});

test.each([
  ["broken.json", "[", "it is no JSON"],
  ["broken.toml", "backends = [", "it is no TOML"],
  ["lines", "10.0.0.1:8080 weight=x\n", 'line 1: "weight=x" behind 10.0.0.1:8080'],
  ["empty", "# nobody\n", "it names no backend"],
])(
  "a file that is broken keeps the backends known, and says why: %s",
  async (name, broken, why) => {
    await using one = namedOrigin("one");
    await using two = namedOrigin("two");
    const write = (address: string): string =>
      name.endsWith(".json")
        ? JSON.stringify([address])
        : name.endsWith(".toml")
          ? `backends = ["${address}"]`
          : `${address} # the only one\n`;
    const path = join(folder, name);
    writeFileSync(path, write(one.address));
    await using gateway = await startGateway(config(path));
    expect(await whoAnswers(gateway, 3)).toEqual(["one"]);
    const upstream = gateway.upstreams[0]!;
    replace(path, broken);
    while (upstream.discovery?.state !== "failing") await Bun.sleep(10);
    expect(upstream.discovery.reason).toContain(`${path}: ${why}`);
    expect(await whoAnswers(gateway, 3)).toEqual(["one"]);
    unlinkSync(path);
    while (!upstream.discovery.reason?.includes("no such file")) await Bun.sleep(10);
    expect(await whoAnswers(gateway, 3)).toEqual(["one"]);
    replace(path, write(two.address));
    await untilAnswer(gateway, "two");
    expect(upstream.discovery).toMatchObject({ state: "ok", reason: undefined });
  },
);

test("a link that is swapped, as Kubernetes mounts a ConfigMap; fixed backends stay throughout", async () => {
  await using fixed = namedOrigin("fixed");
  await using one = namedOrigin("one");
  await using two = namedOrigin("two");
  const version = (name: string, address: string): void => {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "backends"), `${address}\n${fixed.address} weight=9\n`);
  };
  version("v1", one.address);
  symlinkSync("v1", join(folder, "data"));
  symlinkSync("data/backends", join(folder, "backends"));
  const gateway = await startGateway(
    config(join(folder, "backends"), `backends = ["${fixed.address}"]`),
  );
  await using _ = gateway;
  expect(await whoAnswers(gateway)).toEqual(["fixed", "one"]);
  // The one that was given counts as it was given.
  expect(gateway.upstreams[0]?.backends.map(({ weight }) => weight)).toEqual([1, 1]);
  version("v2", two.address);
  symlinkSync("v2", join(folder, "data.new"));
  renameSync(join(folder, "data.new"), join(folder, "data"));
  await untilAnswer(gateway, "fixed", "two");
});

test("examples/gateway/discovery.toml", async () => {
  await using one = namedOrigin("one");
  const text = readFileSync(join(import.meta.dir, "../../examples/gateway/discovery.toml"), "utf8");
  const path = join(folder, "app.backends");
  writeFileSync(path, `${one.address} weight=2\n`);
  await using gateway = await startGateway(text.replace('"app.backends"', JSON.stringify(path)));
  expect(await whoAnswers(gateway, 3)).toEqual(["one"]);
});

test("without the file there is nobody to ask, until it is there", async () => {
  await using one = namedOrigin("one");
  const path = join(folder, "backends");
  await using gateway = await startGateway(config(path));
  expect(await whoAnswers(gateway, 2)).toEqual(["status 503"]);
  writeFileSync(path, one.address);
  await untilAnswer(gateway, "one");
});
