import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { App } from "../../src/core/app.ts";

const root = new URL("../..", import.meta.url).pathname;
const guide = readFileSync(join(root, "docs/guide/authentication.md"), "utf8");
const programs = [...guide.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, text]) => text as string);
const names = ["passwords", "basic", "bearer", "jwt", "forward", "csrf"];

// In the project, so that packages are found; ignored by git, as it is under node_modules.
let folder = "";
beforeAll(() => {
  mkdirSync(join(root, "node_modules/.cache"), { recursive: true });
  folder = mkdtempSync(join(root, "node_modules/.cache/auth-guide-"));
  for (const [index, name] of names.entries()) {
    const text = (programs[index] as string)
      .replaceAll('"sluice"', JSON.stringify(join(root, "src/index.ts")))
      .replaceAll('"sluice/auth"', JSON.stringify(join(root, "src/auth/index.ts")))
      .replaceAll("127.0.0.1:9091", "127.0.0.1:1")
      .replaceAll(/process\.env\["\w+"\]/g, "undefined");
    writeFileSync(join(folder, `${name}.ts`), text);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

const load = async <T = { app: App }>(name: string) =>
  (await import(join(folder, `${name}.ts`))) as T;

async function ask(name: string, path: string, init?: RequestInit): Promise<Response> {
  return (await load(name)).app.fetch(new Request(`https://localhost${path}`, init));
}

const withField = (authorization: string) => ({ headers: { authorization } });

test("the guide has as many programs as are tried here", () => {
  expect(programs).toHaveLength(names.length);
});

test("passwords", async () => {
  type SignIn = { signIn: (name: string, given: string) => Promise<boolean> };
  const { signIn } = await load<SignIn>("passwords");
  expect(await signIn("ada", "correct horse")).toBe(true);
  expect(await signIn("ada", "wrong horse")).toBe(false);
  expect(await signIn("nobody", "correct horse")).toBe(false);
});

test("Basic", async () => {
  const challenge = (await ask("basic", "/")).headers.get("www-authenticate");
  expect(challenge).toBe('Basic realm="Back office", charset="UTF-8"');
  const answer = await ask("basic", "/", withField(`Basic ${btoa("ada:only-for-this-page")}`));
  expect(await answer.text()).toBe("Hello, ada");
});

test("bearer tokens", async () => {
  const answer = await ask("bearer", "/", withField("Bearer J2k1-only-for-this-page"));
  expect(await answer.text()).toBe("Hello, ci");
  expect((await ask("bearer", "/")).status).toBe(401);
});

test("a service that cannot be asked lets nobody in", async () => {
  const answer = await ask("forward", "/");
  expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
    502,
    "forward_auth_failed",
  ]);
});

test("JSON Web Tokens and roles", async () => {
  const { token } = (await (await ask("jwt", "/token", { method: "POST" })).json()) as {
    token: string;
  };
  expect(await (await ask("jwt", "/me", withField(`Bearer ${token}`))).text()).toBe("42");
  expect((await ask("jwt", "/me")).status).toBe(401);
  const remove = { method: "DELETE", ...withField(`Bearer ${token}`) };
  expect(await (await ask("jwt", "/users/7", remove)).text()).toBe("deleted 7");
  expect((await ask("jwt", "/users/7", { method: "DELETE" })).status).toBe(401);
});

test("cross-site requests", async () => {
  const page = await ask("csrf", "/order");
  const [, token = ""] = /value="([^"]+)"/.exec(await page.text()) ?? [];
  const cookie = page.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const buy = (headers: Record<string, string>) =>
    ask("csrf", "/order", {
      method: "POST",
      body: new URLSearchParams({ _csrf: token }),
      headers: { cookie, ...headers },
    });
  expect(await (await buy({ "sec-fetch-site": "same-origin" })).text()).toBe("bought");
  expect((await buy({ origin: "https://app.example.com" })).status).toBe(200);
  expect((await buy({ "sec-fetch-site": "cross-site" })).status).toBe(403);
  expect((await buy({ cookie: "" })).status).toBe(403);
});
