import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { App } from "../../src/core/app.ts";
import { Reply } from "../../src/core/reply.ts";
import { sourceFrom } from "../../src/wire/source.ts";
import { HeaderList } from "../../src/http/header-list.ts";
import { echoApp } from "../support/echo-app.ts";
import type { Http3Fixture } from "./harness.ts";
import { fetch3, listen } from "./harness.ts";
import type { QuicClient } from "./quic-client.ts";
import { connectQuic, get, post } from "./quic-client.ts";

interface Echo {
  method: string;
  authority: string;
  target: string;
  path: string;
  query: string;
  fields: string[];
  body: string | null;
  trailers: string[];
}

const app = new App()
  .get("/late-hints", (c) => {
    c.exchange.inform(103, new HeaderList(["link", "</a.css>; rel=preload"]));
    return `${c.exchange.push("/font.woff2")}`;
  })
  .get("/empty-with-trailers", () => {
    const reply = new Reply(sourceFrom([]));
    reply.trailers = () => new HeaderList(["grpc-status", "0"]);
    return reply;
  })
  .get(
    "/cookies",
    () => new Reply("x", 200, new HeaderList(["Set-Cookie", "a=1", "Set-Cookie", "b=2"])),
  )
  .get(
    "/connection",
    () => new Reply("x", 200, new HeaderList(["Connection", "close", "Keep-Alive", "1"])),
  )
  .add({ path: "/*", handler: (c) => echoApp().handle(c.exchange) });

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

describe("Bun's fetch", () => {
  test("GET with a query", async () => {
    const response = await fetch3(`${server.origin}/%7Ea/./b?x=1&y`);
    const seen = (await response.json()) as Echo & { protocol: string };
    expect(seen).toMatchObject({
      protocol: "HTTP/3",
      method: "GET",
      path: "/~a/b",
      query: "x=1&y",
    });
    expect(seen.body).toBeNull();
    expect(response.headers.get("date")).toMatch(/GMT$/);
  });

  test("POST with content", async () => {
    const body = "x".repeat(300_000);
    const response = await fetch3(`${server.origin}/p`, { method: "POST", body });
    expect(((await response.json()) as Echo).body).toBe(body);
  });

  test("many at once", async () => {
    const paths = Array.from({ length: 200 }, (_, i) => `/n/${i}`);
    const seen = await Promise.all(
      paths.map(async (path) => ((await (await fetch3(server.origin + path)).json()) as Echo).path),
    );
    expect(seen).toEqual(paths);
  });

  test.each([
    ["/204", 204, ""],
    ["/304", 304, ""],
    ["/stream", 200, "stream"],
    ["/sized", 200, "stream"],
    ["/throws", 500, undefined],
    ["/a%2Fb", 400, undefined],
    ["/nowhere/../..", 200, undefined],
  ])("%s answers %d", async (path, status, text) => {
    const response = await fetch3(server.origin + path);
    expect(response.status).toBe(status);
    const body = await response.text();
    if (text !== undefined) expect(body).toBe(text);
    expect(body).not.toContain("secret");
  });

  test("a request for another host is misdirected", async () => {
    const response = await fetch3(`${server.origin}/`, { headers: { host: "other.test" } });
    expect(response.status).toBe(421);
  });
});

describe("heads and trailers", () => {
  test("HEAD has the length and no content", async () => {
    const answer = await client.request(get("/sized", { ":method": "HEAD" }));
    expect(answer).toMatchObject({ status: 200, text: "", error: undefined });
    expect(answer.fields["content-length"]).toBe("6");
  });

  test("a source of known size keeps its Content-Length, another has none", async () => {
    expect((await client.request(get("/sized"))).fields["content-length"]).toBe("6");
    expect((await client.request(get("/stream"))).fields["content-length"]).toBeUndefined();
  });

  test("trailers both ways", async () => {
    const answer = await client.request(get("/trailers"));
    expect(answer).toMatchObject({ text: "a", trailers: { "x-sum": "42" } });
    const sent = await client.request(post("/p"), { body: "abc", trailers: { "x-check": "7" } });
    const seen = JSON.parse(sent.text) as Echo;
    expect(seen.body).toBe("abc");
    expect(seen.trailers).toEqual(["x-check", "7"]);
  });

  test("trailers behind no content", async () => {
    const answer = await client.request(get("/empty-with-trailers"));
    expect(answer).toMatchObject({ text: "", trailers: { "grpc-status": "0" }, error: undefined });
  });

  test("informational replies come first; push is a preload", async () => {
    const answer = await client.request(get("/late-hints"));
    expect(answer.info.map((info) => info[":status"])).toEqual(["103", "103"]);
    expect(answer.info[1]?.["link"]).toBe("</font.woff2>; rel=preload; as=font; crossorigin");
    expect(answer.text).toBe("preload");
  });

  test("100 Continue is sent when the handler reads, and not before", async () => {
    const fields = { "content-length": "3", expect: "100-continue" };
    const read = await client.request(post("/p", fields), { body: "abc" });
    expect(read.info.map((info) => info[":status"])).toEqual(["100"]);
    const unread = await client.request(post("/unread", fields), { body: "abc" });
    expect(unread).toMatchObject({ status: 200, info: [] });
  });

  test("repeated fields stay apart both ways", async () => {
    const answer = await client.request(get("/a", { cookie: ["a=1", "b=2"], "7": "seven" }));
    const { fields } = JSON.parse(answer.text) as Echo;
    expect(fields).toEqual(["7", "seven", "cookie", "a=1", "cookie", "b=2"]);
    const cookies = await client.request(get("/cookies"));
    expect(cookies.fields["set-cookie"]).toEqual(["a=1", "b=2"]);
  });

  test("fields of a connection do not leave", async () => {
    const answer = await client.request(get("/connection"));
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.fields)).not.toContain("connection");
    expect(Object.keys(answer.fields)).not.toContain("keep-alive");
  });
});
