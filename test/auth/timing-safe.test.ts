import { afterAll, afterEach, expect, spyOn, test } from "bun:test";
import { basicAuth } from "../../src/auth/basic-auth/basic-auth.ts";
import { bearerAuth } from "../../src/auth/bearer-auth/bearer-auth.ts";
import { csrf } from "../../src/auth/csrf/csrf.ts";
import { App } from "../../src/core/app.ts";
import { ask } from "../middleware/asking.ts";

// What time a compare takes cannot be measured here. That secrets go through keyed digests, and as many of
// them whether a name is known or not, can.
const sign = spyOn(crypto.subtle, "sign");
const digested = () =>
  sign.mock.calls.map(([, , data]) => new TextDecoder().decode(data as Uint8Array));

afterEach(() => {
  sign.mockClear();
});

afterAll(() => {
  sign.mockRestore();
});

const basic = (pair: string) => ({ authorization: `Basic ${btoa(pair)}` });

test("names and passwords are compared by their digests, and as many for whoever asks", async () => {
  const users = ["ada", "bob", "cyd"].map((username) => ({ username, password: `${username}!` }));
  const app = new App().use(basicAuth({ users })).get("/", () => "in");
  await ask(app, "/", { headers: basic("ada:ada!") });
  // Those of the list are made once.
  expect(digested()).toHaveLength(4);
  for (const pair of ["ada:ada!", "cyd:cyd!", "ada:wrong", "nobody:x", "x".repeat(500) + ":y"]) {
    sign.mockClear();
    await ask(app, "/", { headers: basic(pair) });
    expect(digested()).toEqual([pair]);
  }
});

test("bearer tokens are compared by their digests", async () => {
  const tokens = ["aaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbb"];
  const app = new App().use(bearerAuth({ tokens })).get("/", () => "in");
  await ask(app, "/", { headers: { authorization: `Bearer ${tokens[1]}` } });
  expect(digested()).toHaveLength(3);
  for (const token of [...tokens, "a", "aaaaaaaaaaaaaaaaaaab"]) {
    sign.mockClear();
    await ask(app, "/", { headers: { authorization: `Bearer ${token}` } });
    expect(digested()).toEqual([token]);
  }
});

test("csrf tokens are compared by their digests", async () => {
  const app = new App().use(csrf({ token: {} })).post("/", () => "in");
  const kept = "A".repeat(43);
  for (const [sent, status] of [
    [kept, 200],
    ["A".repeat(42) + "B", 403],
    ["B".repeat(43), 403],
    ["short", 403],
  ] as const) {
    sign.mockClear();
    const headers = { cookie: `csrf=${kept}`, "x-csrf-token": sent };
    expect((await ask(app, "/", { method: "POST", headers })).status).toBe(status);
    expect(digested()).toEqual([sent, kept]);
  }
});

test("an unknown name of a file costs as much hashing as a known one", async () => {
  const digests = spyOn(crypto.subtle, "digest");
  const app = new App()
    .use(basicAuth({ htpasswd: "ada:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=" }))
    .get("/", () => "in");
  const counts: number[] = [];
  for (const pair of ["ada:wrong", "nobody:wrong", "nobody:secret"]) {
    digests.mockClear();
    expect((await ask(app, "/", { headers: basic(pair) })).status).toBe(401);
    counts.push(digests.mock.calls.length);
  }
  expect(counts).toEqual([1, 1, 1]);
  // A password that was right is known at the next request, and a wrong one still is none.
  for (const [pair, count] of [
    ["ada:secret", 1],
    ["ada:secret", 0],
    ["ada:wrong", 1],
  ] as const) {
    digests.mockClear();
    const { status } = await ask(app, "/", { headers: basic(pair) });
    expect([status, digests.mock.calls.length]).toEqual([pair === "ada:secret" ? 200 : 401, count]);
  }
  digests.mockRestore();
});
