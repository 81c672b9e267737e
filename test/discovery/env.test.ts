// Backends from variables of the environment.
import { expect, test } from "bun:test";
import { loadConfig } from "../../src/config/load.ts";
import { Upstreams } from "../../src/gateway/upstreams.ts";
import { startGateway } from "../support/gateway.ts";
import { namedOrigin, whoAnswers } from "../support/named-origins.ts";

const config = `[[upstream]]
name = "api"
discovery = { type = "env", prefix = "API_BACKEND_" }
[[route]]
action = { type = "proxy", upstream = "api" }
`;

test("variables with the prefix are backends", async () => {
  await using one = namedOrigin("one");
  await using two = namedOrigin("two");
  const env = {
    API_BACKEND_10: `${one.address} weight=3`,
    API_BACKEND_2: two.address,
    API_BACKEND_3: "",
    OTHER: "x",
  };
  await using gateway = await startGateway(config, {}, { env });
  expect(await whoAnswers(gateway)).toEqual(["one", "two"]);
  expect(gateway.upstreams[0]?.backends.map(({ weight }) => weight)).toEqual([1, 3]);
});

test("a reload with other variables is another upstream, with the same ones it stays", async () => {
  const env: Record<string, string> = { API_BACKEND_1: "127.0.0.1:1" };
  const upstreams = new Upstreams(undefined, env);
  const overrides = [
    {
      path: ["upstream"],
      value: [{ name: "api", discovery: { type: "env", prefix: "API_BACKEND_" } }],
      name: "test",
    },
  ];
  const configs = loadConfig({ env, overrides }).config!.upstream;
  const before = upstreams.of(configs);
  await before.start();
  expect(upstreams.of(configs).get("api")).toBe(before.get("api"));
  env["API_BACKEND_2"] = "127.0.0.1:2";
  const after = upstreams.of(configs);
  await after.start();
  before.stop();
  expect(after.get("api").backends.map(({ name }) => name)).toEqual([
    "http://127.0.0.1:1",
    "http://127.0.0.1:2",
  ]);
  after.stop();
});

test("the check names what is wrong with a variable, and warns when there is none", () => {
  const check = (env: Record<string, string>) =>
    loadConfig({
      env,
      overrides: [
        {
          path: ["upstream"],
          value: [{ name: "api", discovery: { type: "env", prefix: "API_BACKEND_" } }],
          name: "test",
        },
      ],
    }).diagnostics.map(({ severity, message }) => `${severity}: ${message}`);
  expect(check({ API_BACKEND_1: "htp://x" })[0]).toStartWith(
    "error: API_BACKEND_1: htp:// is none of",
  );
  expect(check({ API_BACKEND_1: "x wait=1" })).toContain(
    'error: API_BACKEND_1: "wait=1" behind x is neither weight=NUMBER nor backup',
  );
  expect(check({})).toContain("warning: no variable of the environment begins with API_BACKEND_");
});
