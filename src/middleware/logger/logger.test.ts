import { expect, spyOn, test } from "bun:test";
import type { Asked } from "../../../test/middleware/asking.ts";
import { ask } from "../../../test/middleware/asking.ts";
import { FakeExchange } from "../../../test/support/fake-exchange.ts";
import { App } from "../../core/app.ts";
import { error } from "../../core/error.ts";
import type { Reply } from "../../core/reply.ts";
import type { Source } from "../../wire/source.ts";
import { sourceFrom } from "../../wire/source.ts";
import { requestId } from "../request-id/request-id.ts";
import type { LoggerOptions, RequestRecord } from "./logger.ts";
import { logger } from "./logger.ts";

const Gone = error(410, "gone");

function logged(options: LoggerOptions = {}) {
  const records: RequestRecord[] = [];
  const app = new App()
    .use(requestId({ generate: () => "id-1" }))
    .use(logger({ log: (record) => records.push(record), ...options }))
    .get("/users/:id", ({ params }) => params.id)
    .get("/stream", (c) => c.stream(sourceFrom(["a", "b"])))
    .get("/gone", () => {
      throw new Gone();
    })
    .get("/bad", async () => {
      throw new Error("broken");
    });
  return { app, records };
}

test("records what a request came to", async () => {
  const { app, records } = logged();
  const headers = { "User-Agent": "test/1" };
  expect((await ask(app, "/users/7?a=1", { headers, from: "192.0.2.7" })).body).toBe("7");
  const [record] = records;
  expect(record).toMatchObject({
    ip: "192.0.2.7",
    method: "GET",
    host: "example.test",
    target: "/users/7?a=1",
    protocol: "HTTP/1.1",
    status: 200,
    route: "/users/:id",
    requestId: "id-1",
    userAgent: "test/1",
  });
  expect(record?.durationMs).toBeGreaterThanOrEqual(0);
  expect(new Date(record?.time as string).toISOString()).toBe(record?.time as string);
});

test("records errors and what is missing", async () => {
  const { app, records } = logged();
  for (const target of ["/gone", "/bad", "/missing"]) await ask(app, target);
  expect(records.map(({ status, target }) => `${status} ${target}`)).toEqual([
    "410 /gone",
    "500 /bad",
    "404 /missing",
  ]);
  expect(records[2]).not.toHaveProperty("route");
});

test("records a stream once it has ended, or was given up", async () => {
  const { app, records } = logged();
  const handle = async (method?: string): Promise<Reply> =>
    app.handle(new FakeExchange("/stream", method === undefined ? {} : { method }));
  const body = (await handle()).body as Source;
  while ((await body.pull()) !== null) expect(records).toHaveLength(0);
  expect(records).toHaveLength(1);
  ((await handle()).body as Source).cancel("gone");
  expect(records).toHaveLength(2);
  await handle("HEAD");
  expect(records).toHaveLength(3);
});

test("leaves out what is skipped", async () => {
  const { app, records } = logged({ skip: ({ path }) => path === "/stream" });
  await ask(app, "/stream");
  expect(records).toEqual([]);
});

test("breaks no answer when it fails itself", async () => {
  const { app } = logged({
    log: () => {
      throw new Error("log is full");
    },
  });
  const told: unknown[] = [];
  const report = (failure: unknown) => void told.push(failure);
  expect((await ask(app, "/users/7", { report })).body).toBe("7");
  expect((await ask(app, "/gone", { report })).status).toBe(410);
  expect(told).toMatchObject([{ message: "log is full" }, { message: "log is full" }]);
});

test("writes one line of JSON, whatever a request holds", async () => {
  const written: string[] = [];
  const console = spyOn(globalThis.console, "log").mockImplementation(
    (line) => void written.push(line),
  );
  try {
    const app = new App().use(logger()).get("/", () => "ok");
    const headers = { "User-Agent": 'a"}\t{\u0085\u009b31m' };
    const asked: Asked = { headers, method: "GET", authority: "a\u2028b" };
    await ask(app, '/?"}{"status":200', asked);
  } finally {
    console.mockRestore();
  }
  const [line] = written;
  expect(written).toHaveLength(1);
  expect(line).toMatch(/^[\x20-\x7e]+$/);
  expect(JSON.parse(line as string)).toMatchObject({
    userAgent: 'a"}\t{\u0085\u009b31m',
    target: '/?"}{"status":200',
    host: "a\u2028b",
  });
});
