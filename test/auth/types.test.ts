import { expect, test } from "bun:test";
import { z } from "zod";
import { basicAuth } from "../../src/auth/basic-auth/basic-auth.ts";
import { bearerAuth } from "../../src/auth/bearer-auth/bearer-auth.ts";
import { csrf } from "../../src/auth/csrf/csrf.ts";
import { jwt } from "../../src/auth/jwt/jwt.ts";
import { roles } from "../../src/auth/roles/roles.ts";
import { App } from "../../src/core/app.ts";

const keys = { secret: "0123456789abcdef0123456789abcdef" };

test("what each adds to c.vars is typed, and nothing else is there", () => {
  const app = new App()
    .get(
      "/basic",
      { use: [basicAuth({ users: [{ username: "a", password: "b" }] })] },
      ({ vars }) => {
        const name: string = vars.user.username;
        // @ts-expect-error -- a name is no number
        const wrong: number = vars.user.username;
        return [name, wrong];
      },
    )
    .get("/bearer", { use: [bearerAuth({ verify: () => ({ id: 7 }) })] }, ({ vars }) => {
      const id: number = vars.user.id;
      // @ts-expect-error -- the function gives no name
      return [id, vars.user.name];
    })
    .get("/jwt", { use: [jwt({ keys, claims: z.object({ level: z.number() }) })] }, ({ vars }) => {
      const level: number = vars.claims.level;
      // @ts-expect-error -- the schema has no such claim
      return [level, vars.claims.other];
    })
    .get("/plain", { use: [jwt({ keys })] }, ({ vars }) => {
      const subject: string | undefined = vars.claims.sub;
      // @ts-expect-error -- a claim that no schema checks is unknown
      const role: string = vars.claims["role"];
      return [subject, role];
    })
    .get("/csrf", { use: [csrf({ token: {} })] }, ({ vars }) => vars.csrf.token());
  expect(app.routes()).toHaveLength(5);
});

test("roles reads what it says it reads", () => {
  // @ts-expect-error -- roles are text
  roles(({ user }: { user: { roles: number[] } }) => user.roles, "admin");
  // @ts-expect-error -- at least one role
  expect(() => roles(({ user }: { user: { roles: string[] } }) => user.roles)).toThrow(TypeError);
});
