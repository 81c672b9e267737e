import { describe, expect, test } from "bun:test";
import { App } from "../../src/index.ts";
import { ClientCookies, client, createTestApp, testClient } from "../../src/testing/index.ts";
import { app } from "./app.ts";

/** An App with two services and another App in it that has a state and a service of its own. */
function shop() {
  const made: string[] = [];
  const ended: string[] = [];
  const inner = new App({ name: "inner" })
    .provide("mail", () => "real mail")
    .get("/", ({ state, deps }) => `${state.name} ${deps.mail}`);
  const whole = new App({ name: "real" }, { trailingSlash: "ignore" })
    .provide("clock", () => (made.push("clock"), { now: (): number => 1 }), {
      dispose: () => ended.push("clock"),
    })
    .provide("report", ({ clock }) => `at ${clock.now()}`)
    .get("/name", ({ state }) => state.name)
    .get("/report", ({ deps }) => deps.report)
    .route("/inner", inner);
  return { whole, made, ended };
}

describe("a test App", () => {
  test("has another state; what is mounted keeps its own, and the App stays as it is", async () => {
    const { whole } = shop();
    const api = client(createTestApp(whole, { state: { name: "fake" } }));
    expect(await api["GET /name"]()).toMatchObject({ data: "fake" });
    expect(await api["GET /inner"]()).toMatchObject({ data: "inner real mail" });
    expect(await client(whole)["GET /name"]()).toMatchObject({ data: "real" });
  });

  test("has other services, for those that ask for them too, without making the real ones", async () => {
    const { whole, made, ended } = shop();
    const fake = createTestApp(whole, { services: { clock: { now: () => 42 } } });
    expect(await client(fake)["GET /report"]()).toMatchObject({ data: "at 42" });
    await fake.stop();
    expect([made, ended]).toEqual([[], []]);
  });

  test("replaces services of what is mounted by name", async () => {
    const { whole } = shop();
    const fake = createTestApp(whole, { services: { mail: "fake mail" } as object });
    expect(await client(fake)["GET /inner"]()).toMatchObject({ data: "inner fake mail" });
  });

  test("starts and stops services of its own", async () => {
    const { whole, made, ended } = shop();
    const one = createTestApp(whole, {});
    await one.start();
    await one.stop();
    expect([made, ended]).toEqual([["clock"], ["clock"]]);
    expect(await client(whole)["GET /report"]()).toMatchObject({ data: "at 1" });
  });

  test("answers as the App is set, and with routes that come later", async () => {
    const { whole } = shop();
    const fake = createTestApp(whole, { state: { name: "fake" } });
    expect((await fake.fetch(new Request("http://a/name/"))).status).toBe(200);
    whole.get("/later", ({ state }) => state.name);
    expect(await (await fake.fetch(new Request("http://a/later"))).text()).toBe("fake");
  });

  test("refuses a service that nobody provides", () => {
    const services = { clocks: 1 } as object;
    expect(() => createTestApp(shop().whole, { services })).toThrow(
      'no service "clocks" to replace: there are clock, report, mail',
    );
  });
});

describe("a test client", () => {
  test("opens WebSockets", async () => {
    await using ws = testClient(app);
    const room = await ws.api["WS /room/:id"]({ params: { id: 1 } });
    const answer = new Promise((resolve) => {
      room.addEventListener("message", ({ data }) => resolve(data), { once: true });
    });
    room.send("hello");
    expect(await answer).toBe("hello");
    room.close();
  });

  test("says when one is refused", async () => {
    await using ws = testClient(app);
    const nowhere = (ws.api as unknown as Record<string, () => Promise<unknown>>)["WS /nowhere"];
    await expect(nowhere?.()).rejects.toThrow("was not opened");
  });

  test("sends its cookies over both", async () => {
    const own = new App()
      .post("/in", (c) => c.cookies.set("who", "ada"))
      .ws("/me", { open: (ws, c) => void ws.send(c.cookies.get("who") ?? "nobody") });
    await using both = testClient(own, { cookies: new ClientCookies() });
    await both.api["POST /in"]();
    expect(both.cookies.get("who")).toBe("ada");
    const me = await both.api["WS /me"]();
    const said = await new Promise((resolve) => {
      me.addEventListener("message", ({ data }) => resolve(data), { once: true });
    });
    expect(said).toBe("ada");
    me.close();
  });
});
