import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { App } from "../../src/core/app.ts";
import { Reply } from "../../src/core/reply.ts";
import type { Source } from "../../src/wire/source.ts";
import { readAll, sourceFrom } from "../../src/wire/source.ts";
import { HeaderList } from "../../src/http/header-list.ts";
import type { Http3Fixture } from "./harness.ts";
import { fetch3, listen, until } from "./harness.ts";
import type { QuicClient } from "./quic-client.ts";
import { connectQuic, get, post, readAnswer } from "./quic-client.ts";

const INTERNAL_ERROR = "258";
const seen: string[] = [];
const chunk = new Uint8Array(32 * 1024).fill(0x61);
let pulled = 0;

/** Never ends; tells when it is given up. */
function endless(): Source {
  return {
    size: undefined,
    async pull() {
      pulled += chunk.byteLength;
      return chunk;
    },
    cancel: () => void seen.push("cancelled"),
  };
}

async function* failingLate(): AsyncGenerator<string> {
  yield "begun";
  await Bun.sleep(30);
  throw new Error("broken in the middle");
}

const constant = new TextEncoder().encode("a constant in a larger buffer").subarray(2, 10);
const app = new App()
  .get("/constant", () => new Reply(constant))
  .get("/changed", () => {
    const bytes = new TextEncoder().encode("before");
    queueMicrotask(() => bytes.fill(0x78));
    setImmediate(() => bytes.fill(0x79));
    return new Reply(bytes);
  })
  .get("/trailers-fail", () => {
    const reply = new Reply("x");
    reply.trailers = () => {
      throw new Error("no trailers");
    };
    return reply;
  })
  .get("/twice", () => new Reply("x", 200, new HeaderList(["etag", '"a"', "etag", '"b"'])))
  .get("/endless", () => new Reply(endless()))
  .get("/failing", () => new Reply(sourceFrom(failingLate())))
  .get("/failing-sized", () => new Reply(sourceFrom(failingLate(), 1000)))
  .get("/short", () => new Reply(sourceFrom(["str"], 6)))
  .get("/overlong", () => new Reply(sourceFrom(["stream"], 3)))
  .get("/reused", () => {
    // A source may give the same memory again.
    let turn = 0;
    const body: Source = {
      size: undefined,
      pull: () => (turn++ < 8 ? chunk.fill(0x60 + turn) : null),
      cancel() {},
    };
    return new Reply(body);
  })
  .get("/reset", (c) => {
    c.exchange.reset(new Error("no more"));
    return "never seen";
  })
  .get("/waiting", (c) => {
    c.exchange.onClose(() => seen.push("closed"));
    return new Promise<Reply>(() => {});
  })
  .post("/large-unread", () => new Reply("y".repeat(500_000)))
  .post("/read-some", async (c) => {
    await c.exchange.body?.pull();
    c.exchange.body?.cancel();
    return new Reply("z".repeat(500_000));
  })
  .post("/read-failing", async (c) => {
    try {
      await readAll(c.exchange.body as Source);
      seen.push("whole");
    } catch {
      seen.push("upload broke");
    }
    return "x";
  })
  .post("/asleep", async (c) => {
    await Bun.sleep(400);
    const body = await readAll(c.exchange.body as Source);
    return `${body.byteLength}`;
  });

let server: Http3Fixture;
let client: QuicClient;
beforeAll(async () => {
  server = await listen(app);
  client = await connectQuic(server.listener.port);
});
afterAll(async () => {
  client.session.destroy();
  await server[Symbol.asyncDispose]();
});

describe("an answer that fails in the middle is an error to its client", () => {
  test.each(["/failing", "/failing-sized", "/short", "/overlong", "/reset"])("%s", async (path) => {
    const answer = await client.request(get(path));
    expect(answer.error).toContain(INTERNAL_ERROR);
  });

  test("Bun's fetch sees it where a length was declared", async () => {
    for (const path of ["/failing-sized", "/short", "/overlong"]) {
      const read = fetch3(server.origin + path).then((response) => response.text());
      // oxlint-disable-next-line no-await-in-loop
      expect(await read.catch(() => "an error")).toBe("an error");
    }
  });
});

test("bytes of a handler stay its own and are sent as they were", async () => {
  for (let turn = 0; turn < 3; turn++) {
    // oxlint-disable-next-line no-await-in-loop
    expect((await client.request(get("/constant"))).text).toBe("constant");
  }
  expect(constant.byteLength).toBe(8);
  expect((await client.request(get("/changed"))).text).toBe("before");
});

test("trailers that cannot be made break the answer, a field that may not be repeated is a 500", async () => {
  expect((await client.request(get("/trailers-fail"))).error).toContain(INTERNAL_ERROR);
  expect(await client.request(get("/twice"))).toMatchObject({ status: 500, error: undefined });
});

test("memory that a source reuses arrives as it was", async () => {
  const { text } = await client.request(get("/reused"));
  expect([...new Set(text)].join("")).toBe("abcdefgh");
  expect(text.length).toBe(8 * chunk.byteLength);
});

test("a source is pulled no further than the client reads", async () => {
  pulled = 0;
  seen.length = 0;
  const abort = new AbortController();
  const response = await fetch3(`${server.origin}/endless`, { signal: abort.signal });
  let before = -1;
  for (let turn = 0; turn < 30 && before !== pulled; turn++) {
    before = pulled;
    // oxlint-disable-next-line no-await-in-loop
    await Bun.sleep(100);
  }
  expect(before).toBe(pulled);
  abort.abort();
  await response.text().catch(() => {});
  await until(() => seen.includes("cancelled"), "the source to be given up");
});

test("a client that goes away releases the source and tells the handler", async () => {
  seen.length = 0;
  const own = await connectQuic(server.listener.port);
  await own.open(get("/endless"));
  await own.open(get("/waiting"));
  await Bun.sleep(50);
  await own.session.close({ code: 0x100, type: "application" }).catch(() => {});
  await until(() => seen.includes("cancelled") && seen.includes("closed"), "both to be told");
  expect(seen.length).toBe(2);
});

test("an aborted fetch tells a handler that is still waiting", async () => {
  seen.length = 0;
  const abort = new AbortController();
  const fetched = fetch3(`${server.origin}/waiting`, { signal: abort.signal }).catch(() => {});
  await Bun.sleep(50);
  abort.abort();
  await fetched;
  await until(() => seen.includes("closed"), "the handler to be told");
});

describe("content nobody reads", () => {
  test.each(["/large-unread", "/read-some"])("%s is answered whole", async (path) => {
    const body = new Uint8Array(3_000_000);
    const response = await fetch3(server.origin + path, { method: "POST", body });
    expect((await response.text()).length).toBe(500_000);
  });

  test("an upload that breaks off fails the handler's read", async () => {
    seen.length = 0;
    const stream = await client.open(post("/read-failing"), { body: "part", open: true });
    await Bun.sleep(30);
    stream.resetStream(0x10cn);
    await until(() => seen.length > 0, "the handler's read to end");
    expect(seen).toEqual(["upload broke"]);
  });

  test("a handler may take its time with what fits the bound", async () => {
    const body = new Uint8Array(2_000_000);
    const response = await fetch3(`${server.origin}/asleep`, { method: "POST", body });
    expect(await response.text()).toBe("2000000");
  });

  test("a client that runs too far ahead of its handler is told to use another protocol", async () => {
    const body = new Uint8Array(40_000_000);
    const own = await connectQuic(server.listener.port);
    const stream = await own.open(post("/asleep"), { open: true });
    const answered = readAnswer(stream);
    for (let at = 0; at < body.byteLength && !stream.destroyed;) {
      if (stream.writer.writeSync(body.subarray(at, at + 65_536))) at += 65_536;
      // oxlint-disable-next-line no-await-in-loop
      else await Bun.sleep(1);
      if (server.events.some((event) => event.includes("/asleep 503"))) break;
    }
    const answer = await answered;
    expect(answer.status).toBe(503);
    expect(answer.fields["alt-svc"]).toBe("clear");
    own.session.destroy();
  });
});
