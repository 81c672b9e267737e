import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../src/config/load.ts";

/** What is said of routes. */
function warnings(routes: string): string[] {
  const cwd = mkdtempSync(join(tmpdir(), "sluice-redirect-"));
  try {
    writeFileSync(join(cwd, "sluice.toml"), routes);
    return loadConfig({ file: "sluice.toml", cwd }).diagnostics.map(({ message }) => message);
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

const ALL = `[[route]]
action = { type = "redirect", to = "/shop/" }
`;
const shop = (more: string) => `[[route]]
match = { path = "/shop/*"${more} }
action = { type = "respond", body = "shop" }
`;

test("a redirect to what an earlier route answers goes in no circle", () => {
  expect(warnings(shop("") + ALL)).toEqual([]);
});

test.each([
  ["no other route", ""],
  ["one for some requests", shop(', method = "POST"')],
  ["one of another host", shop(', host = "b.example"')],
])("with %s it does", (_, before) => {
  expect(warnings(before + ALL).join()).toContain("clients will go in circles");
});
