import { expect, test } from "bun:test";
import { ask, codeOf } from "../../../test/middleware/asking.ts";
import { App } from "../../core/app.ts";
import { bearerAuth } from "../bearer-auth/bearer-auth.ts";
import { roles } from "./roles.ts";

const people: Record<string, { roles?: string[] | string }> = {
  admin: { roles: ["editor", "admin"] },
  reader: { roles: ["reader"] },
  letters: { roles: "admin" },
  none: { roles: [] },
  guest: {},
};

const read = ({ user }: { user: { roles?: string[] | string } }) => user.roles as string[];
const app = new App()
  .use(bearerAuth({ verify: (token) => people[token] }))
  .get("/any", { use: [roles(read, "admin", "reader")] }, ({ vars }) => vars.user)
  .get("/both", { use: [roles(read, "admin"), roles(read, "editor")] }, () => "both")
  .get(
    "/later",
    { use: [roles(async (vars: Parameters<typeof read>[0]) => new Set(read(vars)), "admin")] },
    () => "in",
  );

const status = async (path: string, token: string) =>
  (await ask(app, path, { headers: { authorization: `Bearer ${token}` } })).status;

test("one of the roles is enough, and several of these want all", async () => {
  expect(await status("/any", "admin")).toBe(200);
  expect(await status("/any", "reader")).toBe(200);
  expect(await status("/any", "none")).toBe(403);
  expect(await status("/both", "admin")).toBe(200);
  expect(await status("/both", "reader")).toBe(403);
  expect(await status("/later", "admin")).toBe(200);
  expect(await status("/later", "reader")).toBe(403);
});

test("a role is not found in the letters of another", async () => {
  expect(await status("/any", "letters")).toBe(200);
  const single = new App()
    .use(bearerAuth({ verify: (token) => people[token] }))
    .get("/", { use: [roles(read, "a")] }, () => "in");
  const headers = { authorization: "Bearer letters" };
  expect((await ask(single, "/", { headers })).status).toBe(403);
});

test("nobody is 401 with a challenge, somebody without the role is 403", async () => {
  const get = (token: string) =>
    ask(app, "/any", { headers: { authorization: `Bearer ${token}` } });
  const guest = await get("guest");
  expect([guest.status, codeOf(guest)]).toEqual([401, "sign_in_required"]);
  expect(guest.headers["www-authenticate"]).toBe("Bearer");
  const none = await get("none");
  expect([none.status, codeOf(none)]).toEqual([403, "role_missing"]);
  expect(none.headers["www-authenticate"]).toBeUndefined();
});

test("without a role it keeps out everybody, and so is refused", () => {
  const untyped = roles as (...args: unknown[]) => unknown;
  expect(() => untyped(read)).toThrow("at least one role");
  expect(() => untyped(read, "")).toThrow("at least one role");
  expect(() => untyped(read, undefined)).toThrow("at least one role");
});
