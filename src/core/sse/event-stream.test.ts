import { describe, expect, test } from "bun:test";
import { App } from "../app.ts";
import { EventStream } from "./event-stream.ts";

const decoder = new TextDecoder();

function streamOf(heartbeatMs = 0, lastEventId?: string) {
  const controller = new AbortController();
  return { controller, stream: new EventStream(lastEventId, controller.signal, heartbeatMs) };
}

async function next(stream: EventStream): Promise<string | null> {
  const chunk = await stream.pull();
  return chunk === null ? null : decoder.decode(chunk);
}

describe("an event stream", () => {
  test("sends text, fields and JSON, and ends", async () => {
    const { stream } = streamOf();
    void stream.send("a\nb");
    void stream.send({ id: "7", event: "tick", retry: 500, data: { n: 1 } });
    void stream.comment("hello");
    stream.close();
    expect(await next(stream)).toBe("data: a\ndata: b\n\n");
    expect(await next(stream)).toBe('event: tick\nid: 7\nretry: 500\ndata: {"n":1}\n\n');
    expect(await next(stream)).toBe(": hello\n\n");
    expect(await next(stream)).toBeNull();
  });

  test("send is done once the client has taken what was sent", async () => {
    const { stream } = streamOf();
    let sent = false;
    const sending = stream.send("x").then(() => (sent = true));
    await Bun.sleep(5);
    expect(sent).toBe(false);
    await stream.pull();
    await sending;
    expect(sent).toBe(true);
  });

  test("a client that is gone frees who waits, and later events go nowhere", async () => {
    const { stream, controller } = streamOf();
    const sending = stream.send("x");
    controller.abort();
    await sending;
    await stream.send("y");
    expect(stream.closed).toBe(true);
    expect(await stream.pull()).toBeNull();
  });

  test("a client that does not read is broken off before memory runs out", async () => {
    const { stream } = streamOf();
    const event = "x".repeat(64 * 1024);
    for (let i = 0; i < 100; i++) void stream.send(event);
    expect(stream.closed).toBe(true);
    expect(stream.pull()).rejects.toThrow(/unread/);
  });

  test("silence is filled with comments", async () => {
    const { stream, controller } = streamOf(5);
    expect(await next(stream)).toBe(": \n\n");
    controller.abort();
  });

  test("an id with a line end is refused, so that no text becomes another event", () => {
    const { stream } = streamOf();
    expect(() => stream.send({ id: "a\ndata: b", data: "" })).toThrow(TypeError);
    stream.close();
  });
});

describe("c.sse", () => {
  test("streams what a function sends, knowing what the client has seen", async () => {
    const app = new App().get("/feed", (c) =>
      c.sse(async (stream) => {
        await stream.send({ id: "4", data: `after ${stream.lastEventId}` });
      }),
    );
    const headers = { "last-event-id": "3" };
    const response = await app.fetch(new Request("http://h/feed", { headers }));
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(response.headers.get("cache-control")).toBe("no-store, no-transform");
    expect(await response.text()).toBe("id: 4\ndata: after 3\n\n");
  });

  test("streams the tokens of an async iterable", async () => {
    async function* tokens() {
      yield "Hel";
      yield "lo";
    }
    const app = new App().get("/chat", (c) => c.sse(tokens()));
    const response = await app.fetch(new Request("http://h/chat"));
    expect(await response.text()).toBe("data: Hel\n\ndata: lo\n\n");
  });

  test("a generator is ended when its client leaves", async () => {
    const ended = Promise.withResolvers<void>();
    async function* endless() {
      try {
        for (let i = 0; ; i++) yield String(i);
      } finally {
        ended.resolve();
      }
    }
    const app = new App().get("/", (c) => c.sse(endless()));
    const response = await app.fetch(new Request("http://h/"));
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await ended.promise;
  });
});
