import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { App } from "../app.ts";
import type { Context } from "../context.ts";
import { controller, get, post, routesOf } from "./index.ts";
import { requireStandard } from "./require-standard.ts";

const NewUser = z.object({ name: z.string() });

@controller("/users")
class Users {
  readonly #names: string[];

  constructor(names: string[]) {
    this.#names = names;
  }

  @get("/:id", { params: z.object({ id: z.coerce.number().int() }) })
  one({ params }: Context<{ params: { id: number } } & Rest>) {
    return { name: this.#names[params.id] };
  }

  @post("/", { body: NewUser, name: "newUser" })
  add({ body }: Context<{ body: z.infer<typeof NewUser> } & Rest>) {
    return this.#names.push(body.name);
  }
}

interface Rest {
  params: unknown;
  query: unknown;
  input: unknown;
  body: unknown;
  state: unknown;
  vars: unknown;
  deps: unknown;
}

async function ask(app: App, path: string, init?: RequestInit): Promise<[number, unknown]> {
  const response = await app.fetch(new Request(`http://h${path}`, init));
  return [response.status, await response.json()];
}

describe("decorators", () => {
  test("make the same routes as functions, with this", async () => {
    const app = new App().route("/", routesOf(new Users(["Ada"]))) as unknown as App;
    expect(await ask(app, "/users/0")).toEqual([200, { name: "Ada" }]);
    expect((await ask(app, "/users/x"))[0]).toBe(422);
    const init = {
      method: "POST",
      body: '{"name":"Bo"}',
      headers: { "content-type": "application/json" },
    };
    expect(await ask(app, "/users", init)).toEqual([200, 2]);
    expect(app.routes().map(({ name, path }) => [name, path])).toEqual([
      ["Users.one", "/users/:id"],
      ["newUser", "/users"],
    ]);
  });

  test("two instances of one class do not share", async () => {
    const app = new App()
      .route("/a", routesOf(new Users(["Ada"])))
      .route("/b", routesOf(new Users(["Bo"]))) as unknown as App;
    expect(await ask(app, "/a/users/0")).toEqual([200, { name: "Ada" }]);
    expect(await ask(app, "/b/users/0")).toEqual([200, { name: "Bo" }]);
  });

  test("a class without @controller or without routes says what is missing", () => {
    @controller("/")
    class Empty {}
    expect(() => routesOf(new (class Plain {})())).toThrow(/write @controller/);
    expect(() => routesOf(new Empty())).toThrow(/write @get/);
  });

  test("old decorators are told apart, with what to change", () => {
    expect(() => requireStandard("one", "method")).toThrow(/experimentalDecorators/);
    expect(() => requireStandard(undefined, "class")).toThrow(/experimentalDecorators/);
    expect(() => requireStandard({ kind: "field" }, "method")).toThrow(/not for a field/);
  });
});
