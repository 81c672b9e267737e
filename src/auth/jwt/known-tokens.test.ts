import { expect, test } from "bun:test";
import { z } from "zod";
import { issueJwt } from "./issue-jwt.ts";
import { KnownTokens } from "./known-tokens.ts";
import { JwtVerifier } from "./verify-jwt.ts";

const secret = { secret: "only-for-this-test-0123456789abcdef" };
const START = Date.UTC(2030, 0, 1);

/** A clock, a verifier, and whether it answers at once: then the signature was known. */
function world(options: Partial<ConstructorParameters<typeof JwtVerifier>[0]> = {}) {
  const state = { time: START };
  const verifier = new JwtVerifier({ keys: secret, now: () => state.time, ...options });
  const isKnown = async (token: string): Promise<boolean> => {
    const claims = verifier.verify(token);
    await claims;
    return !(claims instanceof Promise);
  };
  const issue = (expiresIn: string) =>
    issueJwt({ roles: ["admin"] }, { key: secret, expiresIn, now: () => START });
  return { state, verifier, isKnown, issue };
}

test("a signature is computed once a minute", async () => {
  const { state, isKnown, issue } = world();
  const token = await issue("1h");
  expect(await isKnown(token)).toBe(false);
  expect(await isKnown(token)).toBe(true);
  state.time += 59_999;
  expect(await isKnown(token)).toBe(true);
  state.time += 1;
  expect(await isKnown(token)).toBe(false);
});

test("a known token ends when it says, to the second, with the leeway there is", async () => {
  for (const [leeway, seconds] of [
    [0, 10],
    ["5s", 15],
  ] as const) {
    const { state, verifier, isKnown, issue } = world({ leeway });
    const token = await issue("10s");
    await verifier.verify(token);
    state.time = START + seconds * 1000 - 1;
    expect(await isKnown(token)).toBe(true);
    state.time += 1;
    expect(verifier.verify(token)).rejects.toThrow("The token is expired.");
  }
});

test("nor is it older than it may be", async () => {
  const { state, verifier, issue } = world({ maxAge: "20s" });
  const token = await issue("1h");
  await verifier.verify(token);
  state.time += 22_000;
  expect(verifier.verify(token)).rejects.toThrow("The token is expired.");
});

test("a key that ends takes what it signed along", async () => {
  const { state, verifier, issue } = world({
    keys: { ...secret, validUntil: new Date(START + 3_000) },
  });
  const token = await issue("1h");
  await verifier.verify(token);
  state.time += 3_000;
  expect(verifier.verify(token)).rejects.toThrow("no key that is good here");
});

test("another token is another, though it begins alike; nothing is kept of a wrong one", async () => {
  const { verifier, isKnown, issue } = world();
  const token = await issue("1h");
  await verifier.verify(token);
  for (const wrong of [token.slice(0, -2), `${token}A`, token.replace(/^./, "f")]) {
    for (let i = 0; i < 2; i++) expect((async () => verifier.verify(wrong))()).rejects.toThrow();
  }
  expect(await isKnown(token)).toBe(true);
});

test("every request has claims of its own, checked by the schema each time", async () => {
  let calls = 0;
  const claims = z.object({ roles: z.array(z.string()) }).refine(() => ++calls > 0);
  const { verifier, issue } = world({ claims });
  const token = await issue("1h");
  const first = (await verifier.verify(token)) as { roles: string[] };
  first.roles.push("owner");
  expect(await verifier.verify(token)).toEqual({ roles: ["admin"] });
  expect(calls).toBe(2);
});

test("without a schema all requests share claims that nobody can change", async () => {
  const { verifier, issue } = world();
  const token = await issue("1h");
  for (let i = 0; i < 3; i++) {
    const claims = (await verifier.verify(token)) as { roles: string[]; sub?: string };
    expect(() => claims.roles.push("owner")).toThrow(TypeError);
    expect(() => (claims.sub = "somebody")).toThrow(TypeError);
    expect(claims.roles).toEqual(["admin"]);
  }
});

test("0 keeps nothing", async () => {
  const { isKnown, issue } = world({ cache: 0 });
  const token = await issue("1h");
  expect([await isKnown(token), await isKnown(token)]).toEqual([false, false]);
});

test("of very many tokens the last are kept", () => {
  const known = new KnownTokens<string>();
  for (let i = 0; i < 1_500; i++) known.add(`token-${i}`, String(i), 10);
  expect(known.get("token-499", 0)).toBeUndefined();
  expect(known.get("token-500", 0)).toBe("500");
  expect(known.get("token-1499", 0)).toBe("1499");
});
