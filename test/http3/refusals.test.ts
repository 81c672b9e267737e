import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { echoApp } from "../support/echo-app.ts";
import type { Http3Fixture } from "./harness.ts";
import { listen, until } from "./harness.ts";
import type { Fields, QuicClient } from "./quic-client.ts";
import { connectQuic, GET, get, post } from "./quic-client.ts";

const MESSAGE_ERROR = "270";

let server: Http3Fixture;
let client: QuicClient;
beforeAll(async () => {
  server = await listen(echoApp(), {
    headerBytes: 8192,
    headerCount: 40,
    targetBytes: 1000,
    bodyBytes: 1000,
  });
  client = await connectQuic(server.listener.port);
});
afterAll(async () => {
  client.session.destroy();
  await server[Symbol.asyncDispose]();
});

function without(name: string): Fields {
  const fields = { ...GET };
  delete fields[name];
  return fields;
}

describe("malformed requests end their stream with H3_MESSAGE_ERROR (RFC 9114 4.1.2)", () => {
  test.each<[string, Fields]>([
    ["no :method (4.3.1)", without(":method")],
    ["no :path (4.3.1)", without(":path")],
    ["no :scheme (4.3.1)", without(":scheme")],
    ["a pseudo-header of responses (4.3)", get("/", { ":status": "200" })],
    [
      ":protocol that was not offered (RFC 9220 3)",
      get("/", { ":protocol": "websocket", ":method": "CONNECT" }),
    ],
    ["a method that is no token", get("/", { ":method": "G T" })],
    ["CR LF in a value (10.3)", get("/", { "x-a": "a\r\nx-b: c" })],
    ["LF in a value (10.3)", get("/", { "x-a": "a\nb" })],
    ["a control character in a value (10.3)", get("/", { "x-a": "a\x01b" })],
    ["a value that begins with a space", get("/", { "x-a": " a" })],
    ["CR LF in :path", get("/a\r\nb")],
  ])("%s", async (_what, fields) => {
    const answer = await client.request(fields);
    expect(answer.status).toBe(0);
    expect(answer.error).toContain(MESSAGE_ERROR);
    expect((await client.request(get("/fine"))).status).toBe(200);
  });
});

describe("requests that can be answered are refused with a status", () => {
  test.each<[string, Fields, number]>([
    ["no host at all", without(":authority"), 400],
    ["an authority with user information", get("/", { ":authority": "user@localhost" }), 400],
    ["Host that disagrees with :authority", get("/", { host: "other.test" }), 400],
    ["an empty :path", get(""), 400],
    ["a path climbing above the root", get("/../x"), 400],
    ["the scheme of another connection", get("/", { ":scheme": "http" }), 421],
    ["a host the certificate does not cover", get("/", { ":authority": "other.test" }), 421],
    ["a target over the limit", get(`/${"p".repeat(1200)}`), 414],
    ["a field over the limit", get("/", { "x-big": "v".repeat(9_000) }), 431],
    ["a field far over the limit", get("/", { "x-big": "v".repeat(500_000) }), 431],
    [
      "too many fields",
      get("/", Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`x-${i}`, "v"]))),
      431,
    ],
  ])("%s", async (_what, fields, status) => {
    const answer = await client.request(fields);
    expect(answer).toMatchObject({ status, error: undefined });
    expect(answer.fields["content-type"]).toBe("application/problem+json");
    expect((await client.request(get("/fine"))).status).toBe(200);
  });

  test("Host alone will do", async () => {
    expect((await client.request({ ...without(":authority"), host: "localhost" })).status).toBe(
      200,
    );
  });

  test("content over the limit, declared or not", async () => {
    const body = "x".repeat(2_000);
    const declared = await client.request(post("/p", { "content-length": "2000" }), { body });
    expect(declared.status).toBe(413);
    expect((await client.request(post("/p"), { body })).status).toBe(413);
  });
});

describe("content that is not as long as it says", () => {
  test.each<[string, string, string]>([
    ["shorter", "10", "abc"],
    ["longer", "1", "abc"],
    ["no number", "+3", "abc"],
  ])("%s", async (_what, length, body) => {
    const own = await connectQuic(server.listener.port);
    const answer = await own.request(post("/p", { "content-length": length }), { body });
    expect(answer.status).not.toBe(200);
    // The transport makes it an error of the connection (RFC 9114 8 allows it).
    expect(await own.closed).toContain(MESSAGE_ERROR);
    expect((await client.request(get("/fine"))).status).toBe(200);
  });
});

test("every connection and exchange is reported as ended once", async () => {
  const own = await connectQuic(server.listener.port);
  await own.request(get("/reported"));
  await own.session.close();
  const count = (prefix: string): number =>
    server.events.filter((event) => event.startsWith(prefix)).length;
  await until(() => count("opened") === count("closed") + 1, "all but one connection to close");
  expect(count("finished /reported 200")).toBe(1);
});
