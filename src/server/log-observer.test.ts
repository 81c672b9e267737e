import { expect, test } from "bun:test";
import { App } from "../core/app.ts";
import { createAccessLog } from "../telemetry/access-log.ts";
import { createErrorLog } from "../telemetry/error-log.ts";
import type { LogTarget } from "../telemetry/log/log-target.ts";
import { logObserver } from "./log-observer.ts";
import { serve } from "./serve.ts";

function memory(): LogTarget & { text: string } {
  return {
    name: "memory",
    text: "",
    async write(bytes) {
      this.text += new TextDecoder().decode(bytes);
    },
    async reopen() {},
    async close() {},
  };
}

test("requests, refusals and failures of a running server reach the logs", async () => {
  const [lines, problems] = [memory(), memory()];
  const report = () => {};
  const access = createAccessLog({ format: "json", output: lines, report });
  const errors = createErrorLog({ level: "debug", format: "json", output: problems });
  const app = new App().get("/", () => "Hello");
  const broken = { handle: () => Promise.reject(new Error("past the App")) };
  const options = { port: 0, observer: logObserver(access, errors) };
  const servers = await Promise.all([serve(app, options), serve(broken, options)]);
  const [url, brokenUrl] = servers.map((server) => server.addresses[0]!.url) as [string, string];
  expect(await (await fetch(`${url}/`)).text()).toBe("Hello");
  expect((await fetch(`${url}/none?x=1`)).status).toBe(404);
  expect((await fetch(`${brokenUrl}/`)).status).toBe(500);
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  await Bun.connect({
    hostname: "127.0.0.1",
    port: servers[0].port,
    socket: {
      open: (socket) => void socket.write("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
      data() {},
      close: () => resolve(),
    },
  });
  await ended;
  await Promise.all(servers.map((server) => server.close()));
  await Promise.all([access.close(), errors.close()]);
  const seen = lines.text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(seen.map(({ path, status, bytes }) => [path, status, bytes > 0])).toEqual([
    ["/", 200, true],
    ["/none?x=1", 404, true],
    ["/", 500, true],
    ["", 400, false],
  ]);
  expect(problems.text).toContain("past the App");
  expect(problems.text).toContain('"message":"refused"');
});
