import { describe, expect, test } from "bun:test";
import { createHmac, generateKeyPairSync, sign as signBytes } from "node:crypto";
import { App } from "../../src/core/app.ts";
import { issueJwt } from "../../src/auth/jwt/issue-jwt.ts";
import type { JwtOptions } from "../../src/auth/jwt/jwt.ts";
import { jwt } from "../../src/auth/jwt/jwt.ts";
import type { Answer } from "../middleware/asking.ts";
import { ask, codeOf } from "../middleware/asking.ts";

const rsa = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});
const attacker = generateKeyPairSync("rsa", { modulusLength: 2048 });
const secret = "0123456789abcdef0123456789abcdef";
const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const unsigned = (header: object, claims: object) => `${encode(header)}.${encode(claims)}`;
const claims = () => ({ sub: "mallory", exp: inAnHour() });

function hmac(header: object, key: string | Buffer, body: object = claims()): string {
  const input = unsigned(header, body);
  return `${input}.${createHmac("sha256", key).update(input).digest("base64url")}`;
}

function signedByAttacker(header: object): string {
  const input = unsigned(header, claims());
  return `${input}.${signBytes("sha256", Buffer.from(input), attacker.privateKey).toString("base64url")}`;
}

function asking(options: JwtOptions) {
  const app = new App().use(jwt(options)).get("/", ({ vars }) => String(vars.claims.sub));
  return (token: string): Promise<Answer> =>
    ask(app, "/", { headers: { authorization: `Bearer ${token}` } });
}

async function refused(get: (token: string) => Promise<Answer>, token: string): Promise<void> {
  const answer = await get(token);
  expect([answer.status, codeOf(answer)]).toEqual([401, "token_invalid"]);
}

const byPublicKey = asking({ keys: { publicKey: rsa.publicKey } });
const bySecret = asking({ keys: { secret } });

test("what was signed with the right keys is taken", async () => {
  const good = await issueJwt({}, { key: { privateKey: rsa.privateKey }, subject: "ada" });
  expect(await byPublicKey(good)).toMatchObject({ status: 200, body: "ada" });
  expect((await bySecret(hmac({ alg: "HS256" }, secret))).body).toBe("mallory");
});

describe("a public key is no secret", () => {
  const der = Buffer.from(rsa.publicKey.replace(/-----[^-]+-----|\s/g, ""), "base64");
  test.each([
    ["as PEM", rsa.publicKey],
    ["as PEM without its last line break", rsa.publicKey.trim()],
    ["as DER", der],
    ["as nothing", ""],
  ])("%s", async (_, key) => {
    await refused(byPublicKey, hmac({ alg: "HS256", typ: "JWT" }, key));
    // Even where HMAC is allowed for another key.
    await refused(
      asking({
        algorithms: ["HS256", "RS256"],
        keys: [{ publicKey: rsa.publicKey, kid: "r" }, { secret }],
      }),
      hmac({ alg: "HS256", kid: "r" }, key),
    );
  });

  test("and nobody can give it as one by mistake", () => {
    for (const pem of [rsa.publicKey, `\n${rsa.publicKey}`, Buffer.from(rsa.publicKey)]) {
      expect(() => jwt({ keys: { secret: pem } })).toThrow("give it as publicKey");
    }
    expect(() => jwt({ keys: { publicKey: rsa.publicKey }, algorithms: ["HS256"] })).toThrow(
      "RSA cannot be used with HS256",
    );
    expect(() => jwt({ keys: { publicKey: rsa.publicKey, algorithm: "HS256" } })).toThrow(
      "RSA cannot be used with HS256",
    );
    const oct = { kty: "oct", k: Buffer.from(secret).toString("base64url") };
    expect(() => jwt({ keys: { publicKey: oct } })).toThrow("this one is secret");
  });
});

describe("a token without a signature", () => {
  const names = ["none", "None", "NONE", "nOnE", "", "null", "HS256 ", " none"];
  test.each(names)("alg %p", async (alg) => {
    const input = unsigned({ alg, typ: "JWT" }, claims());
    for (const get of [byPublicKey, bySecret]) {
      await refused(get, `${input}.AA`);
      await refused(get, `${input}.${createHmac("sha256", "").update(input).digest("base64url")}`);
      expect((await get(`${input}.`)).status).toBe(401);
    }
  });

  test("cannot be allowed", () => {
    const algorithms = ["none"] as unknown as ["HS256"];
    expect(() => jwt({ keys: { secret }, algorithms })).toThrow("no algorithm for tokens");
    const algorithm = "none" as "HS256";
    expect(() => jwt({ keys: { secret, algorithm } })).toThrow("no algorithm for tokens");
  });

  test("nor one whose signature is cut, empty or another's", async () => {
    const good = hmac({ alg: "HS256" }, secret);
    const [header, payload, signature] = good.split(".") as [string, string, string];
    await refused(bySecret, `${header}.${payload}.${signature.slice(0, -2)}`);
    await refused(bySecret, `${header}.${payload}.${signature.slice(0, 4)}`);
    await refused(bySecret, `${header}.${encode({ ...claims(), sub: "root" })}.${signature}`);
    await refused(bySecret, `${encode({ alg: "HS256", kid: "x" })}.${payload}.${signature}`);
    await refused(bySecret, `${header}.${payload}`);
    await refused(bySecret, `${good}.AAAA`);
    await refused(bySecret, good.replaceAll(".", ".."));
  });
});

test("alg that is no text, or missing, is refused", async () => {
  for (const alg of [undefined, null, 5, ["HS256"], { HS256: true }, "HS384", "ES256", "A128KW"]) {
    await refused(bySecret, hmac({ alg }, secret));
  }
});

test("keys that a token brings along are not looked at", async () => {
  const jwk = attacker.publicKey.export({ format: "jwk" });
  let asked = 0;
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch() {
      asked += 1;
      return Response.json({ keys: [{ ...jwk, kid: "evil" }] });
    },
  });
  try {
    const url = `http://127.0.0.1:${server.port}/keys.json`;
    for (const extra of [
      { jwk },
      { jku: url },
      { jku: url, kid: "evil" },
      { x5u: url },
      { x5c: [attacker.publicKey.export({ type: "spki", format: "der" }).toString("base64")] },
      { jwk, jku: url, x5u: url, kid: "evil" },
    ]) {
      await refused(byPublicKey, signedByAttacker({ alg: "RS256", ...extra }));
      // They do no harm to a token that is good either.
      expect((await bySecret(hmac({ alg: "HS256", ...extra }, secret))).status).toBe(200);
    }
    expect(asked).toBe(0);
  } finally {
    await server.stop(true);
  }
});

test("kid is a name and nothing else", async () => {
  const get = asking({ keys: { secret, kid: "2030" } });
  expect((await get(hmac({ alg: "HS256", kid: "2030" }, secret))).status).toBe(200);
  for (const kid of [
    "2029",
    "",
    "__proto__",
    "constructor",
    "../../dev/null",
    "' OR 1=1 --",
    "2030\0",
    "k".repeat(3000),
    5,
    null,
    ["2030"],
    { 2030: 1 },
  ]) {
    await refused(get, hmac({ alg: "HS256", kid }, secret));
    await refused(get, hmac({ alg: "HS256", kid }, ""));
  }
});

test("whatever is critical is not understood, and refused", async () => {
  for (const crit of [["exp"], ["b64"], ["http://example.com/x"], [], "b64", null, 5]) {
    await refused(bySecret, hmac({ alg: "HS256", crit, b64: false, exp: 1 }, secret));
  }
  // Not even what would change nothing.
  await refused(bySecret, hmac({ alg: "HS256", crit: ["b64"], b64: true }, secret));
});

test("a token that is too long is refused before it is read", async () => {
  const long = hmac({ alg: "HS256" }, secret, { ...claims(), pad: "x".repeat(9000) });
  const answer = await bySecret(long);
  expect([answer.status, JSON.parse(answer.body)]).toMatchObject([
    401,
    { detail: "The token is longer than 8192 characters." },
  ]);
  const get = asking({ keys: { secret }, maxLength: 16_000 });
  expect((await get(long)).status).toBe(200);
  // So is one whose header would take long to read.
  const deep = Buffer.from(`${"[".repeat(6000)}`)
    .toString("base64url")
    .slice(0, 8000);
  await refused(bySecret, `${deep}.e30.AA`);
});

test("claims that are no object, no UTF-8 or no times are refused", async () => {
  const header = encode({ alg: "HS256" });
  const payloads = [
    Buffer.from("[]"),
    Buffer.from("null"),
    Buffer.from('"x"'),
    Buffer.from("{"),
    Buffer.from([0xff, 0xfe]),
    Buffer.from('{"exp":"9999999999"}'),
    Buffer.from('{"exp":1e999}'),
    Buffer.from('{"exp":null}'),
    Buffer.from('{"exp":9999999999,"nbf":"0"}'),
    Buffer.from("{}"),
  ];
  for (const payload of payloads) {
    const input = `${header}.${payload.toString("base64url")}`;
    const signature = createHmac("sha256", secret).update(input).digest("base64url");
    const answer = await bySecret(`${input}.${signature}`);
    expect([payload.toString(), answer.status]).toEqual([payload.toString(), 401]);
  }
});

test("claims cannot change what all objects have", async () => {
  const input = `${encode({ alg: "HS256" })}.${Buffer.from(
    `{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"exp":${inAnHour()}}`,
  ).toString("base64url")}`;
  const signature = createHmac("sha256", secret).update(input).digest("base64url");
  expect((await bySecret(`${input}.${signature}`)).status).toBe(200);
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
});
