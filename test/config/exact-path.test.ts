import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../src/config/load.ts";

const UPSTREAM = '[[upstream]]\nname = "a"\nbackends = ["127.0.0.1:1"]\n';
const route = (match: string) =>
  `[[route]]\nmatch = { ${match} }\naction = { type = "proxy", upstream = "a" }\n`;
const answer = (path: string) =>
  `[[route]]\nmatch.path = "${path}"\naction = { type = "respond" }\n`;

/** What is said of routes. */
function told(routes: string): string[] {
  const cwd = mkdtempSync(join(tmpdir(), "sluice-exact-"));
  try {
    writeFileSync(join(cwd, "sluice.toml"), UPSTREAM + routes);
    const { diagnostics } = loadConfig({ file: "sluice.toml", cwd });
    return diagnostics.map(({ message, help }) => `${message}; ${help}`);
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

test.each([
  [route('path = "/"'), "/"],
  [route('path = "/api/"') + answer("/*"), "/api/"],
  [route('path = ["/v1/*", "/v2/"]'), "/v2/"],
  [
    `${route('path = "/", host = "a.example"')}[[route]]
match = { host = "b.example", path = "/b" }
action = { type = "respond" }
`,
    "/",
  ],
])("%j is one address only", (routes, path) => {
  const [warning, ...more] = told(routes);
  expect(more).toEqual([]);
  expect(warning).toContain(`"${path}" is this one address, and nothing below it`);
  expect(warning).toEndWith(`help: write "${path}*" for all of it`);
});

test.each([
  [route('path = "/"') + answer("/x")],
  [route('path = "/api/"') + answer("/api/*")],
  [route('path = ["/api/", "/api/*"]')],
  [route('path = "/api"')],
  [answer("/old/")],
  [route('path = "~^/a/"')],
])("%j is as it is meant", (routes) => {
  expect(told(routes)).toEqual([]);
});
