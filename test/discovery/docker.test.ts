// Backends from the Docker Engine over its unix socket, with answers as /containers/json and /events have them.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGateway } from "../support/gateway.ts";
import { JsonStreams } from "../support/json-streams.ts";
import { namedOrigin, untilAnswer, whoAnswers } from "../support/named-origins.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-docker-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Container {
  name: string;
  labels?: Record<string, string>;
  networks?: Record<string, string>;
  ports?: { PrivatePort: number; PublicPort?: number; Type: string; IP?: string }[];
  status?: string;
  host?: boolean;
}

function fakeDocker(path: string) {
  let containers: Container[] = [];
  const events = new JsonStreams();
  const asked: URL[] = [];
  const state = { broken: false };
  const server = Bun.serve({
    unix: path,
    fetch(request) {
      const url = new URL(request.url);
      asked.push(url);
      if (state.broken)
        return Response.json({ message: "the daemon is restarting" }, { status: 500 });
      if (url.pathname === "/events") return events.response();
      const { label } = JSON.parse(url.searchParams.get("filters") ?? "{}") as { label: string[] };
      const shown = containers.filter(({ labels = {} }) =>
        label.every((one) => `sluice.upstream=${labels["sluice.upstream"] ?? "api"}` === one),
      );
      return Response.json(
        shown.map(
          ({ name, labels, networks = { bridge: "127.0.0.1" }, ports = [], status, host }) => ({
            Id: name,
            Names: [`/${name}`],
            State: "running",
            Status: status ?? "Up 3 minutes",
            Labels: { "sluice.upstream": "api", ...labels },
            Ports: ports,
            HostConfig: { NetworkMode: host ? "host" : "bridge" },
            NetworkSettings: {
              Networks: Object.fromEntries(
                Object.entries(networks).map(([network, IPAddress]) => [
                  network,
                  { IPAddress, GlobalIPv6Address: "" },
                ]),
              ),
            },
          }),
        ),
      );
    },
  });
  return {
    events,
    asked,
    state,
    set(...next: Container[]) {
      containers = next;
      events.say({
        Type: "container",
        Action: "start",
        Actor: { ID: "x", Attributes: {} },
        time: 1,
      });
    },
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

const config = (path: string, more = "") => `[[upstream]]
name = "api"
discovery = { type = "docker", address = "unix:${path}"${more} }
retry = { attempts = 1 }
[[route]]
action = { type = "proxy", upstream = "api" }
`;

const tcp = (port: number) => [{ PrivatePort: port, Type: "tcp" }];

test("containers come and go with the events of the engine", async () => {
  await using one = namedOrigin("one");
  await using two = namedOrigin("two");
  const path = join(folder, "docker.sock");
  await using docker = fakeDocker(path);
  docker.set(
    { name: "one", ports: tcp(one.port) },
    { name: "other", labels: { "sluice.upstream": "shop" }, ports: tcp(1) },
  );
  await using gateway = await startGateway(config(path));
  expect(await whoAnswers(gateway, 3)).toEqual(["one"]);
  while (docker.events.size === 0) await Bun.sleep(5);
  docker.set(
    { name: "one", ports: tcp(one.port) },
    { name: "two", labels: { "sluice.port": String(two.port), "sluice.weight": "3" } },
    { name: "odd" },
  );
  await untilAnswer(gateway, "one", "two");
  expect(gateway.upstreams[0]?.backends.map(({ weight }) => weight)).toEqual([1, 3]);
  // One that does not pass its check is as good as gone.
  docker.set(
    { name: "one", ports: tcp(one.port), status: "Up 3 minutes (unhealthy)" },
    { name: "two", labels: { "sluice.port": String(two.port) }, status: "Up 1 hour (healthy)" },
    { name: "new", ports: tcp(one.port), status: "Up 1 second (health: starting)" },
  );
  await untilAnswer(gateway, "two");
  docker.set();
  await untilAnswer(gateway, "status 503");
  const [events] = docker.asked.filter(({ pathname }) => pathname === "/events");
  expect(Math.abs(Number(events?.searchParams.get("since")) - Date.now() / 1000)).toBeLessThan(600);
});

test("a stream of events that ends begins anew; one that breaks, and an engine that fails, keep what is known", async () => {
  await using one = namedOrigin("one");
  await using two = namedOrigin("two");
  const path = join(folder, "docker.sock");
  await using docker = fakeDocker(path);
  docker.set({ name: "one", ports: tcp(one.port) });
  await using gateway = await startGateway(config(path));
  const { discovery } = gateway.upstreams[0]!;
  while (docker.events.size === 0) await Bun.sleep(5);
  docker.events.end();
  while (docker.events.size === 0) await Bun.sleep(5);
  expect(discovery?.failures).toBe(0);
  docker.state.broken = true;
  docker.events.breakOff();
  while (!discovery?.reason?.includes("Docker answers 500: the daemon is restarting")) {
    await Bun.sleep(5);
  }
  expect(await whoAnswers(gateway, 3)).toEqual(["one"]);
  docker.state.broken = false;
  docker.set({ name: "two", ports: tcp(two.port) });
  await untilAnswer(gateway, "two");
});

test("without an engine the reason says so", async () => {
  const path = join(folder, "none.sock");
  await using gateway = await startGateway(config(path));
  expect(gateway.upstreams[0]?.discovery?.reason).toContain("none.sock");
  expect(await whoAnswers(gateway, 1)).toEqual(["status 503"]);
});

const published = [
  { PrivatePort: 80, PublicPort: 8081, Type: "tcp", IP: "0.0.0.0" },
  { PrivatePort: 80, PublicPort: 8081, Type: "tcp", IP: "::" },
];

test.each<[string, string, Container, string]>([
  [
    "a network that is asked for",
    ', network = "web"',
    { name: "c", networks: { a: "10.0.0.1", web: "10.0.1.1" }, ports: tcp(80) },
    "http://10.0.1.1:80",
  ],
  [
    "a network of a label",
    ', network = "a"',
    {
      name: "c",
      labels: { "sluice.network": "web" },
      networks: { a: "10.0.0.1", web: "10.0.1.1" },
      ports: tcp(80),
    },
    "http://10.0.1.1:80",
  ],
  [
    "no such network",
    ', network = "web"',
    { name: "c", ports: tcp(80) },
    "container c is not in the network web",
  ],
  [
    "a port of the settings",
    ", port = 9000",
    { name: "c", networks: { a: "10.0.0.1" }, ports: [...tcp(80), ...tcp(81)] },
    "http://10.0.0.1:9000",
  ],
  [
    "several ports",
    "",
    { name: "c", ports: [...tcp(80), ...tcp(81)] },
    "container c exposes several ports: give it a label sluice.port",
  ],
  [
    "no ports",
    "",
    { name: "c", ports: [{ PrivatePort: 53, Type: "udp" }] },
    "container c exposes no port: give it a label sluice.port",
  ],
  [
    "a port that is none",
    "",
    { name: "c", labels: { "sluice.port": "http" } },
    "container c has a label sluice.port that is no port: http",
  ],
  [
    "a weight that is none",
    "",
    { name: "c", labels: { "sluice.weight": "x" }, ports: tcp(80) },
    "the weight of http://127.0.0.1:80 must be a whole number",
  ],
  [
    "a scheme",
    "",
    { name: "c", labels: { "sluice.scheme": "h2" }, networks: { a: "10.0.0.1" }, ports: tcp(80) },
    "h2://10.0.0.1:80",
  ],
  [
    "the host's network",
    "",
    { name: "c", host: true, networks: { host: "" }, labels: { "sluice.port": "80" } },
    "http://127.0.0.1:80",
  ],
  [
    "a published port",
    ", published = true",
    { name: "c", ports: published },
    "http://127.0.0.1:8081",
  ],
  [
    "a port that is not published",
    ", published = true",
    { name: "c", ports: tcp(80) },
    "container c does not publish its port 80",
  ],
])("%s", async (_, more, container, expected) => {
  const path = join(folder, "docker.sock");
  await using docker = fakeDocker(path);
  docker.set(container);
  await using gateway = await startGateway(config(path, more));
  const [upstream] = gateway.upstreams;
  const [backend] = upstream!.backends;
  expect(backend?.name ?? upstream?.discovery?.reason).toStartWith(expected);
});

test("a backup", async () => {
  const path = join(folder, "docker.sock");
  await using docker = fakeDocker(path);
  docker.set(
    { name: "a", networks: { n: "10.0.0.1" }, ports: tcp(80) },
    { name: "b", networks: { n: "10.0.0.2" }, ports: tcp(80), labels: { "sluice.backup": "true" } },
  );
  await using gateway = await startGateway(config(path));
  expect(gateway.upstreams[0]?.backends.map(({ backup }) => backup)).toEqual([false, true]);
});
