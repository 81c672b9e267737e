import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Answer, Check } from "../../examples/recipes/check.ts";
import type { App } from "../../src/core/app.ts";
import type { Server } from "../../src/server/serve.ts";
import { serve } from "../../src/server/serve.ts";

const folder = new URL("../../examples/recipes/", import.meta.url).pathname;
const files = readdirSync(folder)
  .filter((name) => /^\d{2,3}-.*\.ts$/.test(name))
  .sort((a, b) => parseInt(a, 10) - parseInt(b, 10));

interface Recipe {
  // oxlint-disable-next-line no-explicit-any
  app: App<any, any, any, any>;
  check(tools: Check): Promise<void>;
}

async function asked(
  app: Recipe["app"],
  line: string,
  { json, ...init }: RequestInit & { json?: unknown } = {},
): Promise<Answer> {
  const [method = "", target = ""] = line.split(" ");
  const url = target.startsWith("/") ? `http://localhost${target}` : target;
  const request = new Request(url, {
    redirect: "manual",
    ...init,
    method,
    ...(json !== undefined && { body: JSON.stringify(json) }),
  });
  if (json !== undefined) request.headers.set("content-type", "application/json");
  const { status, headers, ...answer } = await read(await app.fetch(request));
  return {
    status,
    headers,
    text: answer.text,
    get json() {
      return JSON.parse(answer.text);
    },
  };
}

async function read(response: Response) {
  return { status: response.status, headers: response.headers, text: await response.text() };
}

test("the numbers are without a gap, and there are enough", () => {
  expect(files.map((name) => parseInt(name, 10))).toEqual(files.map((_, at) => at + 1));
  expect(files.length).toBeGreaterThanOrEqual(60);
});

describe.each(files)("%s", (name) => {
  test("says what it shows, in a few lines", () => {
    const text = readFileSync(join(folder, name), "utf8");
    expect(text).toMatch(new RegExp(`^// ${name.split("-")[0]}\\. \\S.*\\.\\n`));
    expect(text.split("\n").length).toBeLessThan(60);
    expect(text).toContain("export async function check(");
  });

  test("does what it says", async () => {
    const { app, check } = (await import(join(folder, name))) as Recipe;
    const servers: Server[] = [];
    let checks = 0;
    try {
      await check({
        ask: (line, init) => asked(app, line, init),
        equal: (seen, expected) => {
          checks++;
          expect(seen).toEqual(expected);
        },
        serve: async (options) => {
          const server = await serve(app, { port: 0, host: "127.0.0.1", ...options });
          servers.push(server);
          return Object.assign(server, { url: server.addresses[0]?.url ?? "" });
        },
      });
    } finally {
      await Promise.all(servers.map((server) => server.close()));
      if (servers.length === 0) await app.stop();
    }
    expect(checks).toBeGreaterThan(0);
  }, 15_000);
});
