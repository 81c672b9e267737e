import { expect, test } from "bun:test";
import { ask, codeOf } from "../../../test/middleware/asking.ts";
import { App } from "../../core/app.ts";
import { sourceFrom } from "../../wire/source.ts";
import { timeout } from "./timeout.ts";

test("answers 504 and aborts the work", async () => {
  let reason: unknown;
  const app = new App().use(timeout(5)).get("/", ({ signal }) => {
    const { promise, resolve } = Promise.withResolvers<string>();
    signal.addEventListener("abort", () => {
      reason = signal.reason;
      resolve("too late");
    });
    return promise;
  });
  const answer = await ask(app, "/");
  expect([answer.status, codeOf(answer)]).toEqual([504, "timeout"]);
  expect(reason).toMatchObject({ code: "timeout" });
});

test("keeps what was pending, and drops what comes later", async () => {
  let cancelled = false;
  const { promise, resolve } = Promise.withResolvers<void>();
  const late = { ...sourceFrom(["late"]), cancel: () => void (cancelled = true) };
  const app = new App().use(timeout("5ms")).get("/", async (c) => {
    c.headers.set("X-Kept", "yes");
    await promise;
    return c.stream(late);
  });
  const answer = await ask(app, "/");
  expect([answer.status, answer.headers["x-kept"]]).toEqual([504, "yes"]);
  resolve();
  await new Promise((done) => setTimeout(done, 1));
  expect(cancelled).toBe(true);
});

test("lets what is in time through, errors too", async () => {
  const app = new App()
    .use(timeout("1m"))
    .get("/sync", () => "a")
    .get("/async", async () => "b")
    .get("/bad", async () => {
      throw new Error("broken");
    });
  expect((await ask(app, "/sync")).body).toBe("a");
  expect((await ask(app, "/async")).body).toBe("b");
  expect((await ask(app, "/bad")).status).toBe(500);
});

test("refuses what is no time, or none a timer can take", () => {
  expect(() => timeout("soon")).toThrow("is not a duration");
  for (const limit of [0, "30d"]) expect(() => timeout(limit)).toThrow("24.8 days");
});
