import { describe, expect, test } from "bun:test";
import { App } from "../../core/app.ts";
import { ask, codeOf } from "../../../test/middleware/asking.ts";
import { issueJwt } from "./issue-jwt.ts";
import { jwt } from "./jwt.ts";
import type { JwksOptions } from "./remote-keys.ts";

const url = "https://issuer.example/keys";
const algorithm = { name: "ECDSA", namedCurve: "P-256" };

async function makeKey(kid: string) {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(algorithm, true, [
    "sign",
    "verify",
  ]);
  const jwk = { ...(await crypto.subtle.exportKey("jwk", publicKey)), kid };
  return { signing: { privateKey, kid }, jwk, privateKey };
}

/** An issuer that answers what it is told to, a clock, and an app that trusts it. */
function world(keys: unknown[], options: Partial<JwksOptions> = {}) {
  const state = {
    time: Date.UTC(2030, 0, 1),
    fetched: 0,
    reported: [] as unknown[],
    answer: async (): Promise<Response> => Response.json({ keys }),
    init: undefined as RequestInit | undefined,
  };
  const now = () => state.time;
  const fetch = (_: string, init: RequestInit) => {
    state.fetched += 1;
    state.init = init;
    return state.answer();
  };
  const app = new App()
    // Every token asks for keys again.
    .use(jwt({ jwks: { url, fetch, ...options }, now, cache: 0 }))
    .get("/", ({ vars }) => String(vars.claims.sub));
  const get = async (token: string) => {
    const headers = { authorization: `Bearer ${token}` };
    const report = (failure: unknown) => state.reported.push(failure);
    return ask(app, "/", { headers, report });
  };
  const issue = (key: Awaited<ReturnType<typeof makeKey>>, kid?: string) =>
    issueJwt(
      {},
      {
        key: kid === undefined ? key.signing : { ...key.signing, kid },
        subject: "ada",
        expiresIn: "30d",
        now,
      },
    );
  return { state, get, issue };
}

describe("keys at an address", () => {
  test("are fetched once, and kept", async () => {
    const key = await makeKey("a");
    const { state, get, issue } = world([key.jwk]);
    const token = await issue(key);
    // Many at once make one fetch.
    const answers = await Promise.all(Array.from({ length: 20 }, () => get(token)));
    expect(answers.map((answer) => answer.body)).toEqual(answers.map(() => "ada"));
    expect(state.fetched).toBe(1);
    expect(state.init?.redirect).toBe("error");
    state.time += 599_999;
    await get(token);
    expect(state.fetched).toBe(1);
    state.time += 1;
    await get(token);
    expect(state.fetched).toBe(2);
  });

  test("a key that is new is found, and unknown ones make few fetches", async () => {
    const [old, recent] = [await makeKey("old"), await makeKey("new")];
    const { state, get, issue } = world([old.jwk]);
    expect((await get(await issue(old))).status).toBe(200);
    state.answer = async () => Response.json({ keys: [recent.jwk] });
    const token = await issue(recent);
    // Too soon after the last one.
    expect((await get(token)).status).toBe(401);
    expect(state.fetched).toBe(1);
    state.time += 30_000;
    expect((await get(token)).status).toBe(200);
    expect(state.fetched).toBe(2);
    // And the old one is gone.
    expect((await get(await issue(old))).status).toBe(401);
    for (let i = 0; i < 200; i++) await get(await issue(recent, `guess-${i}`));
    expect(state.fetched).toBe(2);
    state.time += 30_000;
    for (let i = 0; i < 5; i++) await get(await issue(recent, `guess-${i}`));
    expect(state.fetched).toBe(3);
  });

  test("are good for a while when the issuer is gone, and then are not", async () => {
    const key = await makeKey("a");
    const { state, get, issue } = world([key.jwk], { maxStale: "1h" });
    const token = await issue(key);
    await get(token);
    state.answer = () => Promise.reject(new Error("gone"));
    state.time += 3_599_999;
    expect((await get(token)).status).toBe(200);
    state.time += 30_000;
    const answer = await get(token);
    expect([answer.status, codeOf(answer)]).toEqual([503, "token_keys_unavailable"]);
    expect(answer.headers["retry-after"]).toBe("30");
    expect(String(state.reported[0])).toContain(url);
    expect(answer.body).not.toContain(url);
    // It is there again.
    state.answer = async () => Response.json({ keys: [key.jwk] });
    state.time += 30_000;
    expect((await get(token)).status).toBe(200);
  });

  test("that cannot be had are 503, and not asked for at each request", async () => {
    const key = await makeKey("a");
    const answers: (() => Promise<Response>)[] = [
      () => Promise.reject(new Error("refused")),
      async () => new Response("no", { status: 500 }),
      async () => new Response("<html>"),
      async () => Response.json([key.jwk]),
      async () => Response.json({ keys: "none" }),
      async () => Response.json(null),
      async () => new Response(new Uint8Array([0xff])),
      async () => Response.json({ keys: [key.jwk], pad: "x".repeat(300_000) }),
    ];
    for (const answer of answers) {
      const { state, get, issue } = world([]);
      state.answer = answer;
      const token = await issue(key);
      for (let i = 0; i < 5; i++) expect((await get(token)).status).toBe(503);
      expect(state.fetched).toBe(1);
    }
  });

  test("an issuer that never answers holds nobody up for longer than the timeout", async () => {
    const key = await makeKey("a");
    const { state, get, issue } = world([], { timeout: 20 });
    state.answer = () => new Promise(() => {});
    expect((await get(await issue(key))).status).toBe(503);
    expect(state.init?.signal?.aborted).toBe(true);
  });

  test("keys for other uses, of other kinds, or broken are passed over", async () => {
    const key = await makeKey("good");
    const secret = "0123456789abcdef0123456789abcdef";
    const { get, issue } = world([
      null,
      5,
      "key",
      {},
      { kty: "oct", kid: "s", k: Buffer.from(secret).toString("base64url"), alg: "HS256" },
      { kty: "RSA", kid: "small", n: "AQAB", e: "AQAB" },
      { kty: "EC", crv: "P-256", kid: "broken", x: "AA", y: "AA" },
      { ...key.jwk, kid: "enc", use: "enc" },
      { ...key.jwk, kid: "ops", key_ops: ["sign"] },
      { ...key.jwk, kid: "other", alg: "ES384" },
      // Published by mistake: its public half still verifies.
      {
        ...(await crypto.subtle.exportKey("jwk", key.privateKey)),
        kid: "private",
        key_ops: ["verify"],
      },
      { ...key.jwk, kid: "x", use: "sig", key_ops: ["verify"], alg: "ES256", x5c: ["AA"] },
    ]);
    for (const kid of ["private", "x"]) {
      expect([kid, (await get(await issue(key, kid))).status]).toEqual([kid, 200]);
    }
    for (const kid of ["enc", "ops", "other", "broken", "small", "good"]) {
      expect([kid, (await get(await issue(key, kid))).status]).toEqual([kid, 401]);
    }
    const now = () => Date.UTC(2030, 0, 1);
    const byHmac = await issueJwt({}, { key: { secret, kid: "s" }, now });
    expect((await get(byHmac)).status).toBe(401);
  });

  test("an address that others can write at is refused", () => {
    for (const bad of ["http://issuer.example/keys", "keys.json", "file:///etc/keys", ""]) {
      expect(() => jwt({ jwks: { url: bad } })).toThrow("use an https: address");
    }
    expect(() => jwt({ jwks: { url: "http://127.0.0.1:8080/keys" } })).not.toThrow();
    expect(() => jwt({ jwks: { url, timeout: "soon" } })).toThrow(RangeError);
  });
});
