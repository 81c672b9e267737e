import { expect, test } from "bun:test";
import { App } from "../../src/core/app.ts";
import { serve } from "../../src/server/serve.ts";
import { exchangeRaw, parseResponses } from "../support/raw-client.ts";

test("205 has no content (RFC 9110 15.3.6), and its connection goes on", async () => {
  const target = new App().get("/", (c) => c.text("none of this", 205));
  const server = await serve(target, { port: 0 });
  const request = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";
  const { text } = await exchangeRaw(server.port, request.repeat(2), { quietMs: 300 });
  expect(parseResponses(text).map(({ status, body }) => `${status} ${body}`)).toEqual([
    "205 ",
    "205 ",
  ]);
  expect(text).not.toContain("none of this");
  await server.close();
});
