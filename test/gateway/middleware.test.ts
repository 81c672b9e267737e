import { describe, expect, test } from "bun:test";
import { issueJwt } from "../../src/auth/jwt/issue-jwt.ts";
import { MemoryStore } from "../../src/store/memory-store.ts";
import { asker } from "./with-gateway.ts";

const TOKEN = "0123456789abcdef";
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const route = (middleware: string) => `
[[route]]
action = { type = "respond", body = "in" }
[route.middleware]
${middleware}
`;

describe("defaults", () => {
  const toml = `
[middleware]
auth = { type = "bearer", token = "${TOKEN}" }
[[route]]
match.path = "/open"
action = { type = "respond", body = "open" }
middleware.auth = false
[[route]]
match.path = "/own"
action = { type = "respond", body = "own" }
middleware.auth = { type = "basic", users = { ada = "env:PASSWORD" } }
[[route]]
action = { type = "respond", body = "rest" }
`;

  test("stand around every route that has none of that name, and does not take it away", async () => {
    const ask = await asker(toml, { env: { PASSWORD: "secret" } });
    expect((await ask("/open")).status).toBe(200);
    expect((await ask("/")).status).toBe(401);
    expect((await ask("/", bearer(TOKEN))).status).toBe(200);
    expect((await ask("/own", bearer(TOKEN))).status).toBe(401);
    const basic = { headers: { authorization: `Basic ${btoa("ada:secret")}` } };
    expect(await (await ask("/own", basic)).text()).toBe("own");
  });
});

describe("rate_limit", () => {
  test("beyond it 429 with Retry-After; each route counts for itself", async () => {
    const limit = "middleware.rate_limit = { max_requests = 2 }";
    const ask = await asker(`
[[route]]
match.path = "/a"
action = { type = "respond" }
${limit}
[[route]]
action = { type = "respond" }
${limit}`);
    for (const status of [200, 200, 429]) expect((await ask("/a")).status).toBe(status);
    const refused = await ask("/a");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await ask("/b")).status).toBe(200);
  });

  test("processes that share a store share the limit, through reloads too", async () => {
    const store = new MemoryStore();
    const toml = route("rate_limit = { max_requests = 2 }");
    const [one, other] = [await asker(toml, { store }), await asker(toml, { store })];
    expect((await one("/")).status).toBe(200);
    expect((await other("/")).status).toBe(200);
    expect((await one("/")).status).toBe(429);
    expect((await other("/")).status).toBe(429);
  });

  test("routes whose limits have one name count together", async () => {
    const limit = 'middleware.rate_limit = { max_requests = 1, name = "both" }';
    const store = new MemoryStore();
    const ask = await asker(
      `
[[route]]
match.path = "/a"
action = { type = "respond" }
${limit}
[[route]]
action = { type = "respond" }
${limit}`,
      { store },
    );
    expect((await ask("/a")).status).toBe(200);
    expect((await ask("/b")).status).toBe(429);
  });

  test("by header, and by user behind auth", async () => {
    const ask = await asker(route('rate_limit = { max_requests = 1, key = "header:X-Key" }'));
    const as = (key: string) => ask("/", { headers: { "x-key": key } });
    expect([(await as("a")).status, (await as("b")).status, (await as("a")).status]).toEqual([
      200, 200, 429,
    ]);
    const users = await asker(
      route(`
rate_limit = { max_requests = 1, key = "user", burst = 1 }
auth = { type = "basic", users = { ada = "x", bob = "y" } }`),
    );
    const by = async (pair: string) =>
      (await users("/", { headers: { authorization: `Basic ${btoa(pair)}` } })).status;
    expect([await by("ada:x"), await by("ada:z"), await by("bob:y"), await by("ada:x")]).toEqual([
      200, 401, 200, 429,
    ]);
  });
});

describe("auth", () => {
  test("bearer: several tokens, and the secret is in no diagnostic", async () => {
    const ask = await asker(
      route(
        `auth = { type = "bearer", tokens = ["env:A", { name = "b", token = "file:b.token" }], realm = "Ours" }`,
      ),
      { env: { A: "aaaaaaaaaaaaaaaaaaaa" }, files: { "b.token": "bbbbbbbbbbbbbbbbbbbb\n" } },
    );
    expect((await ask("/", bearer("aaaaaaaaaaaaaaaaaaaa"))).status).toBe(200);
    expect((await ask("/", bearer("bbbbbbbbbbbbbbbbbbbb"))).status).toBe(200);
    const refused = await ask("/", bearer("cccccccccccccccccccc"));
    expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([
      401,
      expect.stringContaining('realm="Ours"'),
    ]);
    const bad = asker(route('auth = { type = "bearer", token_env = "A" }'), {
      env: { A: "sec-ret" },
    });
    expect(bad).rejects.toThrow("16 or more");
    expect(bad).rejects.not.toThrow("sec-ret");
  });

  test("basic from a file of users", async () => {
    const hash = await Bun.password.hash("secret", { algorithm: "bcrypt", cost: 4 });
    const ask = await asker(route('auth = { type = "basic", htpasswd = "users" }'), {
      files: { users: `ada:${hash}\n` },
    });
    const as = async (pair: string) =>
      (await ask("/", { headers: { authorization: `Basic ${btoa(pair)}` } })).status;
    expect([await as("ada:secret"), await as("ada:wrong"), await as("bob:secret")]).toEqual([
      200, 401, 401,
    ]);
  });

  test("jwt: signature, issuer, audience and claims", async () => {
    const secret = "k".repeat(32);
    const ask = await asker(
      route(`
[route.middleware.auth]
type = "jwt"
secret = "env:KEY"
issuer = "https://issuer.test"
audience = ["api", "web"]
claims = { scope = "read", tier = ["gold", "silver"] }`),
      { env: { KEY: secret } },
    );
    const good = { scope: "write read", tier: "gold" };
    const token = (claims: object, more: object = {}) =>
      issueJwt(
        claims as never,
        {
          key: { secret },
          issuer: "https://issuer.test",
          audience: "api",
          expiresIn: "1m",
          ...more,
        } as never,
      );
    const status = async (made: Promise<string> | string) =>
      (await ask("/", bearer(await made))).status;
    expect(await status(token(good))).toBe(200);
    expect(await status(token({ ...good, scope: "reader" }))).toBe(401);
    expect(await status(token({ scope: "read" }))).toBe(401);
    expect(await status(token({ ...good, tier: ["lead", "silver"] }))).toBe(200);
    expect(await status(token(good, { issuer: "https://other.test" }))).toBe(401);
    expect(await status(token(good, { audience: "other" }))).toBe(401);
    expect(await status(token(good, { key: { secret: "z".repeat(32) } }))).toBe(401);
    expect((await ask("/")).status).toBe(401);
  });

  test("jwt with a public key from a file", async () => {
    const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
      "sign",
      "verify",
    ]);
    const spki = Buffer.from(await crypto.subtle.exportKey("spki", pair.publicKey)).toString(
      "base64",
    );
    const pem = `-----BEGIN PUBLIC KEY-----\n${spki}\n-----END PUBLIC KEY-----\n`;
    const ask = await asker(
      route('auth = { type = "jwt", keys = [{ public_key = "key.pem" }], from = "cookie:t" }'),
      { files: { "key.pem": pem } },
    );
    const token = await issueJwt({}, { key: { privateKey: pair.privateKey } } as never);
    expect((await ask("/", { headers: { cookie: `t=${token}` } })).status).toBe(200);
    expect(
      (await ask("/", { headers: { cookie: `t=${token.slice(0, -8)}AAAAAAAA` } })).status,
    ).toBe(401);
  });
});
