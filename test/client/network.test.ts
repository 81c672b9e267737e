import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { App, error } from "../../src/index.ts";
import { ClientCookies, HttpClient, client } from "../../src/client/index.ts";
import type { Server } from "../../src/server/serve.ts";
import { serve } from "../../src/server/serve.ts";
import { app } from "./app.ts";

const Busy = error(503, "busy");
let failures = 0;

const flaky = new App()
  .get("/flaky", () => {
    if (failures-- > 0) throw new Busy("later", { headers: { "Retry-After": "0" } });
    return { fine: true };
  })
  .get("/feed", (c) =>
    c.sse(async (events) => {
      const next = Number(events.lastEventId ?? 0) + 1;
      await events.send({ id: String(next), data: next, retry: 1 });
      if (next === 3) throw new Error("enough");
    }),
  )
  .get("/trace", (c) => ({ traceparent: c.requestHeaders.get("traceparent") }));

let server: Server;
let address: string;
beforeAll(async () => {
  const whole = new App().route("/api", app).route("/more", flaky);
  server = await serve(whole, { port: 0, host: "127.0.0.1" });
  address = `http://127.0.0.1:${server.port}`;
});
afterAll(() => server.close());

describe("a client of an address", () => {
  test("asks below the path of the address", async () => {
    const api = client<typeof app>(`${address}/api/`);
    const user = await api["GET /users/:id"]({ params: { id: 7 } });
    expect(user).toMatchObject({ ok: true, data: { id: 7, name: "Ada" } });
    const nobody = await api["GET /users/:id"]({ params: { id: 8 } });
    expect(nobody).toMatchObject({ ok: false, code: "user_not_found" });
  });

  test("shows redirects when told to, keeps cookies it is given a place for, streams a body", async () => {
    const cookies = new ClientCookies();
    const api = client<typeof app>(`${address}/api`, { cookies, redirect: "manual" });
    const moved = await api["POST /sign-in"]();
    expect(moved.status).toBe(303);
    expect(cookies.get("who")).toBe("ada");
    const chunks = async function* () {
      for (let i = 0; i < 3; i++) yield "x".repeat(1000);
    };
    const sent = await api["POST /bytes"]({ body: chunks() });
    expect(sent).toMatchObject({ ok: true, data: 3000 });
  });

  test("tells of no server as a value", async () => {
    // The discard port of the loopback: nothing listens there.
    const nowhere = await client<typeof app>("http://127.0.0.1:9")["GET /"]();
    expect(nowhere).toMatchObject({ ok: false, status: 0, code: "unreachable" });
  });

  test("tries again when told to", async () => {
    failures = 2;
    const once = await client<typeof flaky>(`${address}/more`)["GET /flaky"]();
    expect(once).toMatchObject({ status: 503, code: "busy" });
    const api = client<typeof flaky>(`${address}/more`, { retries: 2 });
    expect(await api["GET /flaky"]()).toMatchObject({ data: { fine: true } });
  });

  test("reads events on from the last when the stream ends, until it is left", async () => {
    const api = client<typeof flaky>(`${address}/more`);
    const seen: string[] = [];
    for await (const { data } of api["GET /feed"].events({ reconnect: true })) {
      seen.push(data);
      if (seen.length === 5) break;
    }
    expect(seen).toEqual(["1", "2", "3", "4", "5"]);
  });

  test("opens a WebSocket", async () => {
    const api = client<typeof app>(`${address}/api`);
    const room = await api["WS /room/:id"]({ params: { id: "a b" } });
    const answer = new Promise((resolve) => {
      room.addEventListener("message", ({ data }) => resolve(data), { once: true });
    });
    room.send("hello");
    expect(await answer).toBe("hello");
    room.close();
  });
});

test("HttpClient asks a server, in the trace of its cause", async () => {
  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const http = new HttpClient({ base: `${address}/more` });
  const context = { requestHeaders: new Headers({ traceparent }) };
  expect(await http.get("/trace", { context })).toEqual({ traceparent });
  failures = 1;
  expect(await http.get("/flaky")).toEqual({ fine: true });
});
