import { expect, test } from "bun:test";
import type { HttpError } from "../../../core/errors.ts";
import { readAll } from "../../../wire/source.ts";
import { defaultLimits } from "../../limits.ts";
import type { BodyEvents } from "./request-body.ts";
import { Http3RequestBody } from "./request-body.ts";

const MIB = 1024 * 1024;

class Events implements BodyEvents {
  readonly told: string[] = [];
  waiting = 0;
  bound = 4 * MIB;
  wanted = (): void => void this.told.push("wanted");
  stop = (): void => void this.told.push("stop");
  overrun = (): void => void this.told.push("overrun");
  malformed = (): void => void this.told.push("malformed");
  waitingBytes = (change: number): boolean => (this.waiting += change) <= this.bound || change <= 0;
}

async function* chunks(...sizes: number[]): AsyncGenerator<Uint8Array[]> {
  for (const size of sizes) {
    yield [new Uint8Array(size)];
    // oxlint-disable-next-line no-await-in-loop
    await Bun.sleep(0);
  }
}

function bodyOf(
  size: number | undefined,
  sizes: number[],
  limits: Partial<typeof defaultLimits> = {},
): { body: Http3RequestBody; events: Events } {
  const events = new Events();
  const body = new Http3RequestBody(
    size,
    { ...defaultLimits, ...limits },
    events,
    chunks(...sizes),
  );
  return { body, events };
}

async function failure(body: Http3RequestBody): Promise<HttpError> {
  return readAll(body).then(
    () => {
      throw new Error("it was read whole");
    },
    (error: HttpError) => error,
  );
}

test("is read whole, and nothing waits afterwards", async () => {
  const { body, events } = bodyOf(30, [10, 20]);
  expect((await readAll(body)).byteLength).toBe(30);
  expect(body.ended).toBe(true);
  expect(events).toMatchObject({ told: ["wanted"], waiting: 0 });
});

test("what waits is bounded: then the client is told to stop and the read is a 503", async () => {
  const { body, events } = bodyOf(undefined, [MIB, MIB, MIB, MIB, MIB, MIB]);
  await Bun.sleep(50);
  expect(events).toMatchObject({ told: ["stop"], waiting: 0 });
  const error = await failure(body);
  expect(error).toMatchObject({ status: 503, code: "upload_too_fast" });
  expect(error.headers.get("alt-svc")).toBe("clear");
});

test("what had arrived whole and is given up unread counts no longer", async () => {
  const { body, events } = bodyOf(30, [10, 20]);
  await Bun.sleep(20);
  expect(events.waiting).toBe(30);
  body.cancel();
  expect(events).toMatchObject({ told: [], waiting: 0 });
  expect(body.pull()).toBeNull();
});

test("a client that does not stop is reported", async () => {
  const { body, events } = bodyOf(
    undefined,
    Array.from({ length: 40 }, () => MIB),
  );
  body.cancel();
  expect(body.pull()).toBeNull();
  await Bun.sleep(100);
  expect(events.told).toContain("overrun");
  expect(events.waiting).toBe(0);
});

test.each([
  ["shorter than declared", 40],
  ["longer than declared", 20],
])("content %s is malformed", async (_what, size) => {
  const { body, events } = bodyOf(size, [10, 20]);
  expect((await failure(body)).status).toBe(400);
  expect(events.told).toContain("malformed");
  expect(events.waiting).toBe(0);
});

test("content over the limit is a 413, declared or not", async () => {
  const declared = bodyOf(30, [30], { bodyBytes: 20 });
  expect((await failure(declared.body)).status).toBe(413);
  const streamed = bodyOf(undefined, [15, 15], { bodyBytes: 20 });
  expect((await failure(streamed.body)).status).toBe(413);
  expect(streamed.events.told).toContain("stop");
});

test("trailers: kept, and malformed with a pseudo-header or a line break", async () => {
  const { body, events } = bodyOf(undefined, [1]);
  body.addTrailers({ "x-sum": "1" });
  await readAll(body);
  expect(body.trailers?.flat).toEqual(["x-sum", "1"]);
  body.addTrailers({ ":path": "/" });
  body.addTrailers({ "x-a": "a\nb" });
  expect(events.told).toEqual(["wanted", "malformed", "malformed"]);
});

test("a failure from outside rejects the pull that waits", async () => {
  const events = new Events();
  const never = { next: () => new Promise<IteratorResult<Uint8Array[]>>(() => {}) };
  const body = new Http3RequestBody(undefined, defaultLimits, events, never);
  const pull = body.pull() as Promise<unknown>;
  expect(body.waiting).toBe(true);
  body.fail(new Error("gone"));
  expect(await pull.catch(String)).toBe("Error: gone");
});
