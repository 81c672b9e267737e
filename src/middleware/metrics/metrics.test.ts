import { expect, test } from "bun:test";
import { ask } from "../../../test/middleware/asking.ts";
import { App } from "../../core/app.ts";
import { HttpError } from "../../core/errors.ts";
import { Reply } from "../../core/reply.ts";
import { sourceFrom } from "../../wire/source.ts";
import { ipFilter } from "../ip-filter/ip-filter.ts";
import { metrics } from "./metrics.ts";

const routes = (app: App) =>
  app
    .get("/users/:id", ({ params }) => params.id)
    .get("/stream", () => new Reply(sourceFrom(["abc", "de"])))
    .get("/refused", () => {
      throw new HttpError(409, "taken", "It is taken.");
    })
    .get("/broken", () => {
      throw new Error("broken");
    });

const seriesOf = (text: string): Map<string, number> =>
  new Map(
    text
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))]),
  );

test("counts by route and status, bytes of streams too, and serves it", async () => {
  const app = routes(new App().use(metrics()) as unknown as App);
  for (const id of ["1", "22", "é"]) await ask(app, `/users/${encodeURIComponent(id)}`);
  for (const path of ["/stream", "/refused", "/broken", "/no", "/nowhere"]) await ask(app, path);
  await ask(app, "/users/1", { method: "HEAD" });
  const { body, headers } = await ask(app, "/metrics");
  expect(headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
  const series = seriesOf(body);
  const requests = (method: string, route: string, status: number) =>
    series.get(`sluice_requests_total{method="${method}",route="${route}",status="${status}"}`);
  expect(requests("GET", "/users/:id", 200)).toBe(3);
  expect(requests("HEAD", "/users/:id", 200)).toBe(1);
  expect(requests("GET", "/refused", 409)).toBe(1);
  expect(requests("GET", "/broken", 500)).toBe(1);
  expect(requests("GET", "none", 404)).toBe(2);
  expect(series.get('sluice_response_bytes_total{route="/users/:id"}')).toBe(5);
  expect(series.get('sluice_response_bytes_total{route="/stream"}')).toBe(5);
  expect(series.get('sluice_request_duration_seconds_count{route="/stream"}')).toBe(1);
  expect(series.get("sluice_requests_in_flight")).toBe(0);
  // Looking is not counted, and clients make no labels.
  expect(body).not.toContain('route="/metrics"');
  expect(body).not.toContain("nowhere");
});

test("a stream that is given up counts as aborted", async () => {
  const app = routes(new App().use(metrics()) as unknown as App);
  const reply = await app.fetch(new Request("http://localhost/stream"));
  await reply.body?.cancel();
  const series = seriesOf((await ask(app, "/metrics")).body);
  expect(series.get('sluice_requests_aborted_total{route="/stream"}')).toBe(1);
});

test("a guard keeps others from looking, and from nothing else", async () => {
  const guard = ipFilter({ allow: ["10.0.0.0/8"] });
  const app = routes(new App().use(metrics({ path: "/m", guard })) as unknown as App);
  expect((await ask(app, "/m", { from: "192.0.2.1" })).status).toBe(403);
  expect((await ask(app, "/m", { from: "10.0.0.1" })).status).toBe(200);
  expect((await ask(app, "/users/1", { from: "192.0.2.1" })).status).toBe(200);
  expect((await ask(app, "/metrics", { from: "10.0.0.1" })).status).toBe(404);
  expect((await ask(app, "/m", { method: "POST" })).status).toBe(404);
});

test("refuses a path that is none", () => {
  expect(() => metrics({ path: "metrics" })).toThrow('begin with "/"');
});
