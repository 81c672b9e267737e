import { describe, expect, test } from "bun:test";
import { createHmac, generateKeyPairSync } from "node:crypto";
import { z } from "zod";
import type { Answer } from "../../../test/middleware/asking.ts";
import { ask, codeOf } from "../../../test/middleware/asking.ts";
import { App } from "../../core/app.ts";
import type { JwtAlgorithm } from "./algorithm.ts";
import type { JwtIssueOptions } from "./issue-jwt.ts";
import { issueJwt } from "./issue-jwt.ts";
import type { JwtOptions } from "./jwt.ts";
import { jwt } from "./jwt.ts";
import { jwtVerifier } from "./verify-jwt.ts";

const key = { secret: "0123456789abcdef0123456789abcdef" };
const start = Date.UTC(2030, 0, 1);
const now = () => start;

function asking(options: Partial<JwtOptions>) {
  const app = new App()
    .use(jwt({ keys: key, now, ...options }))
    .get("/", ({ vars }) => String(vars.claims.sub));
  return (token?: string): Promise<Answer> =>
    ask(app, "/", token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });
}

const issue = (options: Partial<JwtIssueOptions> = {}, claims = {}) =>
  issueJwt(claims, { key, now, subject: "ada", ...options });

const seconds = (count: number) => () => start + count * 1000;

function pair(type: "ec" | "ed25519" | "x25519" | "rsa", options: object) {
  const encodings = {
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  };
  return generateKeyPairSync(type as "ec", { ...options, ...encodings } as never) as unknown as {
    publicKey: string;
    privateKey: string;
  };
}

const rsa = pair("rsa", { modulusLength: 2048 });
const pairs: [JwtAlgorithm, { publicKey: string; privateKey: string }][] = [
  ["RS256", rsa],
  ["RS384", rsa],
  ["RS512", rsa],
  ["PS256", rsa],
  ["PS384", rsa],
  ["PS512", rsa],
  ["ES256", pair("ec", { namedCurve: "P-256" })],
  ["ES384", pair("ec", { namedCurve: "P-384" })],
  ["ES512", pair("ec", { namedCurve: "P-521" })],
  ["EdDSA", pair("ed25519", {})],
  ["Ed25519", pair("ed25519", {})],
];

describe("keys", () => {
  test.each(pairs)("%s signs and verifies", async (algorithm, { publicKey, privateKey }) => {
    const token = await issue({ key: { privateKey, algorithm } });
    expect((await asking({ keys: { publicKey, algorithm } })(token)).body).toBe("ada");
    const other = pairs.find(([, candidate]) => candidate.publicKey !== publicKey);
    expect((await asking({ keys: { publicKey: other?.[1].publicKey ?? "" } })(token)).status).toBe(
      401,
    );
    // A list allows it as well.
    expect((await asking({ keys: { publicKey }, algorithms: [algorithm] })(token)).status).toBe(
      200,
    );
  });

  test.each(["HS256", "HS384", "HS512"] as const)("%s signs and verifies", async (algorithm) => {
    const long = { secret: "s".repeat(64), algorithm };
    const token = await issue({ key: long });
    expect((await asking({ keys: long })(token)).body).toBe("ada");
    expect((await asking({ keys: { secret: "t".repeat(64), algorithm } })(token)).status).toBe(401);
    const given = new TextEncoder().encode("s".repeat(64));
    expect((await asking({ keys: { secret: given, algorithm } })(token)).status).toBe(200);
  });

  test("follow from their type where nothing is listed", async () => {
    const pem = { privateKey: rsa.privateKey };
    const get = asking({ keys: { publicKey: rsa.publicKey } });
    expect((await get(await issue({ key: pem }))).status).toBe(200);
    expect((await get(await issue({ key: { ...pem, algorithm: "PS256" } }))).status).toBe(401);
    expect((await get(await issue({ key: { ...pem, algorithm: "RS512" } }))).status).toBe(401);
  });

  test("may be JWKs and CryptoKeys, which say themselves what they are for", async () => {
    const { publicKey, privateKey } = await crypto.subtle.generateKey(
      {
        name: "RSA-PSS",
        modulusLength: 2048,
        publicExponent: new Uint8Array([1, 0, 1]),
        hash: "SHA-384",
      },
      true,
      ["sign", "verify"],
    );
    const token = await issue({ key: { privateKey } });
    expect(JSON.parse(atob(token.split(".")[0] ?? ""))).toMatchObject({ alg: "PS384" });
    expect((await asking({ keys: { publicKey } })(token)).status).toBe(200);
    const jwk = await crypto.subtle.exportKey("jwk", publicKey);
    expect((await asking({ keys: { publicKey: jwk } })(token)).status).toBe(200);
    expect(() => asking({ keys: { publicKey: jwk, algorithm: "PS256" } })).not.toThrow();
    expect(() => asking({ keys: { publicKey: jwk }, algorithms: ["RS256"] })).toThrow("PS384");
  });

  test("are rotated: the old one is good until its time is over", async () => {
    let time = start;
    const old = { secret: "o".repeat(32), kid: "2029" };
    const recent = { secret: "n".repeat(32), kid: "2030" };
    const get = asking({
      now: () => time,
      keys: [recent, { ...old, validUntil: new Date(start + 60_000) }],
    });
    const [before, after] = [await issue({ key: old }), await issue({ key: recent })];
    expect((await get(before)).status).toBe(200);
    expect((await get(after)).status).toBe(200);
    // A name that another key has is no way in.
    expect((await get(await issue({ key: { ...old, kid: "2030" } }))).status).toBe(401);
    expect((await get(await issue({ key: { ...old, kid: "2031" } }))).status).toBe(401);
    // Without a name each is tried.
    expect((await get(await issue({ key: { secret: old.secret } }))).status).toBe(200);
    time += 60_000;
    expect((await get(before)).status).toBe(401);
    expect((await get(await issue({ key: { secret: old.secret } }))).status).toBe(401);
    expect((await get(after)).status).toBe(200);
  });

  test("that cannot be are refused at start, and are not shown", async () => {
    const jwk = { kty: "RSA", n: "AQAB", e: "AQAB" };
    const bad: [unknown, string][] = [
      [{ secret: "s".repeat(31) }, "has 31 bytes"],
      [{ secret: "s".repeat(32), algorithm: "HS512" }, "needs 64"],
      [{ secret: undefined }, "secret is missing"],
      [{ publicKey: undefined }, "public key is missing"],
      [{ publicKey: rsa.privateKey }, "openssl pkey -pubout"],
      [{ publicKey: "hello" }, "no key in PEM"],
      [{ publicKey: rsa.publicKey.replace("MII", "MIX") }, "PUBLIC KEY is broken"],
      [{ publicKey: jwk }, "2048 bits"],
      [{ publicKey: pair("rsa", { modulusLength: 1024 }).publicKey }, "2048 bits"],
      [{ publicKey: pair("x25519", {}).publicKey }, "of no use here"],
      [{ publicKey: { kty: "EC", crv: "secp256k1" } }, "use RSA"],
      [{ privateKey: rsa.privateKey }, "a secret or a publicKey"],
      [{ ...key, validUntil: "some day" }, "ISO 8601"],
      [[], "keys is empty"],
      [undefined, "either keys or jwks"],
    ];
    for (const [keys, message] of bad) {
      expect(() => jwt({ keys } as JwtOptions)).toThrow(message);
    }
    const traditional = rsa.privateKey.replaceAll("PRIVATE KEY", "RSA PRIVATE KEY");
    await expect(issue({ key: { privateKey: traditional } })).rejects.toThrow("pkcs8 -topk8");
  });
});

describe("claims", () => {
  test("times are checked, with a leeway if there is one", async () => {
    const token = await issue({ expiresIn: "1m", notBefore: "10s" });
    const at = async (time: () => number, options: Partial<JwtOptions> = {}) => {
      const answer = await asking({ now: time, ...options })(token);
      return answer.status === 200 ? "ok" : codeOf(answer);
    };
    expect(await at(seconds(9))).toBe("token_invalid");
    expect(await at(seconds(10))).toBe("ok");
    expect(await at(seconds(59))).toBe("ok");
    expect(await at(seconds(60))).toBe("token_expired");
    expect(await at(seconds(5), { leeway: "5s" })).toBe("ok");
    expect(await at(seconds(64), { leeway: "5s" })).toBe("ok");
    expect(await at(seconds(65), { leeway: "5s" })).toBe("token_expired");
    expect(await at(seconds(30), { maxAge: "30s" })).toBe("ok");
    expect(await at(seconds(31), { maxAge: "30s" })).toBe("token_expired");
  });

  test("a token without end is refused unless it may have none", async () => {
    const body = [{ alg: "HS256" }, { sub: "ada" }]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    const token = `${body}.${createHmac("sha256", key.secret).update(body).digest("base64url")}`;
    expect((await asking({})(token)).status).toBe(401);
    expect((await asking({ requireExpiry: false })(token)).body).toBe("ada");
    expect((await asking({ requireExpiry: false, maxAge: "1h" })(token)).status).toBe(401);
  });

  test("issuer, audience and type are checked", async () => {
    const token = await issue({ issuer: "https://a", audience: ["x", "y"], type: "at+jwt" });
    const good: Partial<JwtOptions>[] = [
      { issuer: "https://a" },
      { issuer: ["https://b", "https://a"] },
      { audience: "y" },
      { audience: ["z", "x"] },
      { type: "at+jwt" },
      { type: "application/at+jwt" },
    ];
    const bad: Partial<JwtOptions>[] = [
      { issuer: "https://a/" },
      { issuer: [] },
      { audience: "z" },
      { audience: [] },
      { type: "JWT" },
    ];
    for (const options of good) expect((await asking(options)(token)).status).toBe(200);
    for (const options of bad) expect((await asking(options)(token)).status).toBe(401);
    const plain = await issue();
    expect((await asking({ issuer: "https://a" })(plain)).status).toBe(401);
    expect((await asking({ audience: "x" })(plain)).status).toBe(401);
  });

  test("are typed and checked by a schema", async () => {
    const claims = z.object({ sub: z.string(), level: z.number(), day: z.iso.date().optional() });
    const app = new App()
      .use(jwt({ keys: key, now, claims }))
      .get("/", ({ vars }) => `${vars.claims.sub.toUpperCase()} ${vars.claims.level + 1}`);
    const get = (token: string) => ask(app, "/", { headers: { authorization: `Bearer ${token}` } });
    expect((await get(await issue({}, { level: 4, other: true }))).body).toBe("ADA 5");
    for (const wrong of [{}, { level: "4" }, { level: 4, day: "tomorrow" }]) {
      const answer = await get(await issue({}, wrong));
      expect([answer.status, codeOf(answer)]).toEqual([401, "token_invalid"]);
    }
    const verify = jwtVerifier({ keys: key, now, claims });
    const { level } = await verify(await issue({}, { level: 4 }));
    expect(level satisfies number).toBe(4);
    await expect(verify("x")).rejects.toThrow("no signed JWT");
  });
});

describe("where a token is", () => {
  test("asks for it as RFC 6750 does", async () => {
    const get = asking({ realm: "api" });
    const none = await get();
    expect([none.status, none.headers["www-authenticate"]]).toEqual([401, 'Bearer realm="api"']);
    const old = await asking({ now: seconds(3600) })(await issue());
    expect(old.headers["www-authenticate"]).toBe(
      'Bearer error="invalid_token", error_description="The token is expired."',
    );
    expect((await get("a b")).status).toBe(400);
  });

  test("in a cookie or the query only where that is said", async () => {
    const token = await issue();
    const [cookie, query] = [{ cookie: `t=${token}` }, `/?t=${token}`];
    const status = async (from: JwtOptions["from"], target: string, headers = {}) => {
      const options = from === undefined ? {} : { from };
      const app = new App().use(jwt({ keys: key, now, ...options })).get("/", () => "in");
      return (await ask(app, target, { headers })).status;
    };
    expect(await status(undefined, "/", cookie)).toBe(401);
    expect(await status(undefined, query)).toBe(401);
    expect(await status({ cookie: "t" }, "/", cookie)).toBe(200);
    expect(await status({ cookie: "t" }, query)).toBe(401);
    expect(await status({ query: "t" }, query)).toBe(200);
    expect(await status({ query: "t" }, `${query}&t=${token}`)).toBe(401);
    expect(await status({ query: "t" }, "/?t=%ff")).toBe(401);
    const both = ["header", { cookie: "t" }] as const;
    expect(await status(both, "/", cookie)).toBe(200);
    // The first place that has one counts, even if it is a bad one.
    expect(await status(both, "/", { ...cookie, authorization: "Bearer x" })).toBe(401);
    expect(await status(both, "/", { ...cookie, authorization: "Basic YTpi" })).toBe(200);
    for (const from of [[], { cookie: "a b" }, { query: "" }]) {
      expect(() => jwt({ keys: key, from: from as unknown as "header" })).toThrow(TypeError);
    }
  });

  test("tells the contract", () => {
    const { facts } = jwt({ keys: key, from: ["header", { cookie: "t" }, { query: "q" }] });
    expect(facts?.security).toEqual({
      jwt: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
      jwtCookie: { type: "apiKey", in: "cookie", name: "t" },
      jwtQuery: { type: "apiKey", in: "query", name: "q" },
    });
  });
});

describe("issueJwt", () => {
  test("says when, until when and which", async () => {
    const token = await jwt.issue({ a: 1 }, { key: { ...key, kid: "k" }, now });
    const [header, body] = token.split(".").map((part) => Buffer.from(part, "base64url"));
    expect(JSON.parse(String(header))).toEqual({ alg: "HS256", typ: "JWT", kid: "k" });
    const claims = JSON.parse(String(body)) as { jti: string };
    expect(claims).toMatchObject({ a: 1, iat: start / 1000, exp: start / 1000 + 900 });
    expect(claims.jti).toHaveLength(36);
  });

  test("refuses keys that cannot sign, and what no token holds", async () => {
    const publicKey = { publicKey: rsa.publicKey } as unknown as typeof key;
    await expect(issue({ key: publicKey })).rejects.toThrow("a secret or a privateKey");
    await expect(issue({ key: { ...key, validUntil: "2029-12-31" } })).rejects.toThrow(
      "sign with another",
    );
    await expect(issue({ expiresIn: "soon" })).rejects.toThrow(RangeError);
    await expect(issue({}, { big: 1n })).rejects.toThrow(TypeError);
  });
});
