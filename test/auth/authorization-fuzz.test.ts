import { expect, test } from "bun:test";
import { basicAuth } from "../../src/auth/basic-auth/basic-auth.ts";
import { bearerAuth } from "../../src/auth/bearer-auth/bearer-auth.ts";
import { issueJwt } from "../../src/auth/jwt/issue-jwt.ts";
import { jwt } from "../../src/auth/jwt/jwt.ts";
import { roles } from "../../src/auth/roles/roles.ts";
import { App } from "../../src/core/app.ts";
import { ask } from "../middleware/asking.ts";

/** Mulberry32: the same numbers each time. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const key = { secret: "0123456789abcdef0123456789abcdef" };
const token = "aaaaaaaaaaaaaaaaaaaa";
const app = new App()
  .get("/basic", { use: [basicAuth({ users: [{ username: "a", password: "b" }] })] }, () => "in")
  .get(
    "/file",
    { use: [basicAuth({ htpasswd: "a:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=" })] },
    () => "in",
  )
  .get("/bearer", { use: [bearerAuth({ tokens: [token] })] }, () => "in")
  .get(
    "/jwt",
    {
      use: [
        jwt({ keys: key }),
        roles(({ claims }: { claims: { roles?: string[] } }) => claims.roles, "admin"),
      ],
    },
    () => "in",
  );

const good = [
  "Basic YTpi",
  `Basic ${btoa("a:secret")}`,
  `Bearer ${token}`,
  `Bearer ${await issueJwt({ roles: ["admin"] }, { key, expiresIn: "1h" })}`,
];
const pieces = [
  ...good,
  "Basic ",
  "bearer ",
  "Digest ",
  " ",
  "\t",
  ",",
  ":",
  ".",
  "..",
  "=",
  "%00",
  '"',
  "\\",
  "\u00ff\u00fe",
  "eyJhbGciOiJub25lIn0",
  "eyJhbGciOiJIUzI1NiIsImNyaXQiOlsiYjY0Il19",
  "bnVsbA",
  "W10",
  "e30",
  "__proto__",
  "A".repeat(500),
];

test("what is good is let in where it belongs", async () => {
  const seen: number[] = [];
  for (const [index, path] of ["/basic", "/file", "/bearer", "/jwt"].entries()) {
    const headers = { authorization: good[index] as string };
    seen.push((await ask(app, path, { headers })).status);
  }
  expect(seen).toEqual([200, 200, 200, 200]);
});

test("1,000 strange Authorization fields are never an error of ours", async () => {
  const random = randomFrom(20_300_101);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const any = () => {
    const code = Math.floor(random() * 223);
    return String.fromCharCode(code < 95 ? code + 0x20 : code + 33);
  };
  const make = (): string => {
    const kind = random();
    if (kind < 0.2) return Array.from({ length: Math.floor(random() * 60) }, any).join("");
    if (kind < 0.5) {
      return Array.from({ length: 1 + Math.floor(random() * 6) }, () => pick(pieces)).join("");
    }
    if (kind < 0.7) {
      const bytes = Array.from({ length: Math.floor(random() * 40) }, () => random() * 256);
      const text = btoa(String.fromCharCode(...bytes));
      return `${pick(["Basic", "Bearer", "basic"])} ${text}${kind < 0.6 ? "" : `.${text}.${text}`}`;
    }
    // One change to something good.
    const text = pick(good);
    const at = Math.floor(random() * text.length);
    return text.slice(0, at) + any() + text.slice(at + (random() < 0.5 ? 1 : 0));
  };
  const wrong: unknown[] = [];
  const report = (failure: unknown) => wrong.push(failure);
  const counts = new Map<number, number>();
  for (let i = 0; i < 1000; i++) {
    const authorization = make();
    for (const path of ["/basic", "/file", "/bearer", "/jwt"]) {
      const answer = await ask(app, path, { headers: { authorization }, report });
      counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1);
      const isClear = answer.status === 200 || (answer.headers["www-authenticate"] ?? "") !== "";
      if (![200, 400, 401].includes(answer.status) || !isClear) {
        wrong.push([path, authorization, answer.status]);
      }
    }
  }
  expect(wrong).toEqual([]);
  // The mixture reaches each of the answers.
  for (const status of [200, 400, 401]) expect(counts.get(status)).toBeGreaterThan(5);
});
