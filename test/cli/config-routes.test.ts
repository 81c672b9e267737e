import { expect, test } from "bun:test";
import { folder, inProcess } from "./cli.ts";

const config = `[server]
trusted_proxies = ["10.0.0.0/8"]
[[upstream]]
name = "api"
backends = ["127.0.0.1:8081"]
[[route]]
match = { host = "api.example.com", path = "/v1/*", header = { x-a = "1" } }
action = { type = "proxy", upstream = "api" }
[[route]]
match = { path = "/v1/*", method = ["POST"], client = "192.0.2.0/24" }
action = { type = "proxy", upstream = "api" }
[[route]]
name = "first"
priority = 1
match = { path = "/first" }
action = { type = "respond" }
[[route]]
name = "rest"
match = { path = "/files/*" }
action = { type = "respond", status = 404 }
`;

async function routes(...args: string[]) {
  using here = folder({ "s.toml": config });
  return await inProcess(["routes", "-c", "s.toml", ...args], here.path);
}

test("routes of a configuration are listed in the order in which they are asked", async () => {
  const { code, out } = await routes();
  expect(code).toBe(0);
  expect(out.replaceAll(/ {2,}/g, "  ").split("\n")).toEqual([
    "any  /first  priority 1  respond 200 (first)  s.toml:12",
    'any  api.example.com/v1/*  header {"x-a":"1"}  proxy api  s.toml:6',
    'POST  /v1/*  client "192.0.2.0/24"  proxy api  s.toml:9',
    "any  /files/*  respond 404 (rest)  s.toml:17",
    "",
  ]);
  const listed = JSON.parse((await routes("--json")).out) as { place: string }[];
  expect(listed.map(({ place }) => place)).toEqual([
    "s.toml:12",
    "s.toml:6",
    "s.toml:9",
    "s.toml:17",
  ]);
});

const explained = async (...args: string[]) => {
  const { code, out } = await routes("--explain", ...args);
  return [code, ...out.trim().replaceAll(/ {2,}/g, "  ").split("\n").slice(1)];
};

test("which route answers a request, and why the earlier ones do not", async () => {
  expect(await explained("GET https://api.example.com/v1/x?y=1", "-H", "X-A: 1")).toEqual([
    0,
    'answers  any  api.example.com/v1/*  header {"x-a":"1"}  proxy api  s.toml:6',
  ]);
  const chain = ["-H", "X-A: 2", "-H", "X-Forwarded-For: 192.0.2.9", "--client", "10.0.0.1"];
  expect(await explained("POST https://api.example.com/v1/x", ...chain)).toEqual([
    0,
    'passes  any  api.example.com/v1/*  header {"x-a":"1"}  header x-a: "1" wanted, 2 sent  s.toml:6',
    'answers  POST  /v1/*  client "192.0.2.0/24"  proxy api  s.toml:9',
  ]);
  expect(await explained("POST http://other.example/v1/x")).toEqual([
    1,
    'passes  any  api.example.com/v1/*  header {"x-a":"1"}  host: api.example.com wanted, other.example sent  s.toml:6',
    'passes  POST  /v1/*  client "192.0.2.0/24"  client: 192.0.2.0/24 wanted, 127.0.0.1 sent  s.toml:9',
    "passes  any  /files/*  path: /files/* wanted, /v1/x sent  s.toml:17",
    "no route answers: 404",
  ]);
});

test("a request may be a path alone, for the host of its fields", async () => {
  const answer = 'answers  any  api.example.com/v1/*  header {"x-a":"1"}  proxy api  s.toml:6';
  const fields = ["-H", "X-A: 1", "-H", "Host: api.example.com"];
  expect(await explained("GET /v1/x", ...fields)).toEqual([0, answer]);
  expect(await explained("/v1/x", ...fields)).toEqual([0, answer]);
});

test("the file is ./sluice.toml where none is named, and secrets may be elsewhere", async () => {
  const config = `[[route]]
match.path = "/in"
action = { type = "respond" }
[route.middleware]
auth = { type = "bearer", tokens = ["env:TOKEN"] }
`;
  using here = folder({ "sluice.toml": config });
  const { code, out, err } = await inProcess(["routes"], here.path);
  expect({ code, out }).toEqual({ code: 0, out: "any  /in  respond 200  sluice.toml:1\n" });
  expect(err).toContain("warning: route[1].middleware.auth.tokens[1] refers to");
  expect((await inProcess(["routes", "sluice.toml"], here.path)).out).toBe(out);
  expect((await inProcess(["check"], here.path)).code).toBe(1);
});

test.each([
  [["--explain", "nonsense"], "is no request"],
  [["--explain", "GET http://a.example/", "--client", "me"], "--client must be an IP address"],
  [["--explain", "GET http://a.example/", "-H", "no field"], "is no field"],
])("%j is a mistake", async (args, message) => {
  const { code, err } = await routes(...args);
  expect([code, err.includes(message)]).toEqual([2, true]);
});
