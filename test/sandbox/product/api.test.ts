// The REST API and the gateway of examples/sandbox, with guests that are built here.
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { copyFileSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApi } from "../../../examples/sandbox/create-api.ts";
import { gateway } from "../../../src/gateway/gateway.ts";
import { builtGuests } from "./guests.ts";
import { SECRET, token } from "./tokens.ts";

// Guests are stopped by a clock, and the machine may be busy.
setDefaultTimeout(60_000);

const folder = await builtGuests(
  "jwt-verifier",
  "rate-limiter",
  "json-sanitiser",
  "data-processor",
);
const { app, dispose } = await createApi(folder, SECRET);
afterAll(dispose);

const headers = {
  authorization: `Bearer ${await token({ sub: "ada", roles: ["admin"] })}`,
  "content-type": "application/json",
};
/** A guest's time is that of a clock, and the machine may be busy: a call that was stopped is made again. */
async function patiently(ask: () => Promise<Response>): Promise<Response> {
  for (let tries = 0; ; tries++) {
    const answer = await ask();
    if (answer.status !== 504 || tries === 20) return answer;
  }
}
const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
  patiently(() => app.fetch(new Request(`http://a.example${path}`, { headers, ...init })));
const post = (path: string, body: string) => ask(path, { method: "POST", body });

test("a user is known, and others are not let in", async () => {
  expect(await (await ask("/me")).json()).toEqual({ name: "ada", roles: ["admin"] });
  expect((await ask("/me", { headers: {} })).status).toBe(401);
});

test("figures come from the pool, and the same again from its cache", async () => {
  const figures = { count: 2, sum: 3, mean: 1.5, min: 1, max: 2 };
  expect(await (await post("/stats", '{"data":[1,2]}')).json()).toEqual(figures);
  expect(await (await post("/stats", '{ "data" : [1, 2] }')).json()).toEqual(figures);
  const metrics = (await (await ask("/pool")).json()) as { cacheHits: number; size: number };
  expect(metrics.size).toBe(2);
  expect(metrics.cacheHits).toBeGreaterThan(0);
});

test("input is checked by a schema, by the sanitiser and by the guest", async () => {
  expect((await post("/checked", '{"data":["a"]}')).status).toBe(422);
  expect((await post("/checked", "{")).status).toBe(400);
  expect((await post("/checked", '{"data":[]}')).status).toBe(422);
  expect(await (await post("/checked", '{"data":[4]}')).json()).toMatchObject({ mean: 4 });
});

test("the same guests in a gateway", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "sluice-sandbox-"));
  try {
    copyFileSync(
      new URL("../../../examples/sandbox/gateway.toml", import.meta.url).pathname,
      join(cwd, "gateway.toml"),
    );
    cpSync(folder, join(cwd, "built"), { recursive: true });
    const front = await gateway("gateway.toml", { cwd, env: { JWT_SECRET: SECRET } });
    try {
      expect(front.warnings).toBe("");
      const send = (init: RequestInit) =>
        patiently(() =>
          front.fetch(new Request("http://a.example/stats", { method: "POST", ...init })),
        );
      expect(await (await send({ headers, body: "[2,4]" })).json()).toMatchObject({ mean: 3 });
      expect((await send({ body: "[2,4]" })).status).toBe(401);
    } finally {
      await front.stop?.();
    }
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
});
