// Secrets that are written into a file as they are do not show in what is said of it.
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { loadConfig } from "../../src/config/load.ts";
import { config, SettingsError } from "../../src/config/own-settings.ts";
import { renderDiagnostics } from "../../src/config/render.ts";
import { secretRanges } from "../../src/config/toml/secret-ranges.ts";
import { seededRandom } from "../support/random.ts";

const SECRET = "hunter2-xyzzy";

/** All that is said of a file. */
function said(text: string, env: Record<string, string> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "sluice-secrets-"));
  try {
    writeFileSync(join(folder, "sluice.toml"), text);
    const { diagnostics } = loadConfig({ file: "sluice.toml", cwd: folder, env });
    return renderDiagnostics(diagnostics);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const route = (auth: string) =>
  `[[route]]\nmatch = { path = "/" }\naction = { type = "respond" }\n${auth}\n`;
const upstream = (discovery: string) =>
  `[[upstream]]\nname = "a"\ndiscovery = { ${discovery} }\n${route("")}`;

test.each([
  // Too short, of another type, of no known kind, under a wrong key, and in one line with what is wrong.
  ["bearer", route(`middleware.auth = { type = "bearer", token = "${SECRET}" }`)],
  ["a number", route(`middleware.auth = { type = "bearer", token = 4815162342 }`)],
  ["a kind misspelt", route(`middleware.auth = { type = "baerer", token = "${SECRET}" }`)],
  ["an unknown key", route(`middleware.auth = { type = "bearer", token = '${SECRET}', x = 1 }`)],
  ["dotted", route(`middleware.auth.type = "bearer"\nmiddleware.auth.token = "${SECRET}"`)],
  ["quoted", route(`[route.middleware.auth]\ntype = "bearer"\n"token" = "${SECRET}"`)],
  ["a list", route(`middleware.auth = { type = "bearer", tokens = ["${SECRET}", 5] }`)],
  [
    "a list over lines",
    route(
      `[route.middleware.auth]\ntype = "bearer"\ntokens = [\n  "a", # ${SECRET}\n  "${SECRET}"\n]`,
    ),
  ],
  [
    "tables",
    route(`middleware.auth = { type = "bearer", tokens = [{ name = 1, token = "${SECRET}" }] }`),
  ],
  ["users", route(`middleware.auth = { type = "basic", users = { ada = "${SECRET}" }, x = 1 }`)],
  [
    "users in a table",
    route(
      `[route.middleware.auth]\ntype = "basic"\n[route.middleware.auth.users]\n"a:b" = "${SECRET}"`,
    ),
  ],
  ["users, dotted", route(`[route.middleware.auth]\ntype = "basic"\nusers.ada = ["${SECRET}"]`)],
  ["jwt", route(`middleware.auth = { type = "jwt", secret = "${SECRET}" }`)],
  ["jwt keys", route(`middleware.auth = { type = "jwt", keys = [{ secret = "${SECRET}" }] }`)],
  ["consul", upstream(`type = "consul", service = 1, token = "${SECRET}"`)],
  ["etcd", upstream(`type = "etcd", prefix = "/a", password = "${SECRET}"`)],
  ["kubernetes", upstream(`type = "kubernetes", service = 1, token = "${SECRET}"`)],
  ["a password in an address", `[[upstream]]\nname = "a"\nbackends = ["http://u:${SECRET}@h"]\n`],
  [
    "a password in an address that is told",
    route("").replace('"respond"', `"proxy", upstream = "http://u:${SECRET}@h"`),
  ],
  // What is no TOML.
  ["no quotes", route(`middleware.auth = { type = "bearer", token = ${SECRET} }`)],
  ["a quote missing", route(`[route.middleware.auth]\ntype = "bearer"\ntoken = "${SECRET}`)],
  ["a quote within", route(`[route.middleware.auth]\ntoken = "ab"${SECRET}"`)],
  ["a colon", route(`[route.middleware.auth]\ntoken: "${SECRET}"`)],
  ["no sign", route(`[route.middleware.auth]\ntoken "${SECRET}"`)],
  ["an escape", route(`[route.middleware.auth]\ntoken = "\\q${SECRET}"`)],
  ["over lines", route(`[route.middleware.auth]\ntoken = """\n\\q ${SECRET}\n"""`)],
  ["over lines, open", route(`[route.middleware.auth]\ntoken = """\n${SECRET}\n`)],
  ["a list that is open", route(`[route.middleware.auth]\ntokens = [\n"a",\n"${SECRET}" x\n]`)],
  [
    "a private key",
    `[server.tls]\nself_signed = 1\nkey = """-----BEGIN EC PRIVATE KEY-----\n${SECRET}\\q\n-----END EC PRIVATE KEY-----"""\n${route("")}`,
  ],
])("%s", (_, text) => {
  const shown = said(text);
  expect(shown).toMatch(/error/);
  expect(shown).not.toContain("hunter2");
  expect(shown).not.toContain("xyzzy");
  expect(shown).not.toContain("4815162342");
});

test("the line is still there, with the caret where it belongs, and no longer than any secret", () => {
  const auth = (secret: string) =>
    route(`middleware.auth = { type = "bearer", token = "${secret}", more = 1 } # x`);
  const expected = `   | ${" ".repeat(57)}^^^^`;
  for (const secret of [SECRET, `${SECRET}${"x".repeat(500)}`]) {
    const shown = said(auth(secret));
    expect(shown).toContain(
      ' 4 | middleware.auth = { type = "bearer", token = "********", more = 1 } # x\n',
    );
    expect(shown).toContain(`${expected}\n`);
  }
});

test("a reference is no secret, and neither is what only sounds alike", () => {
  const auth = 'middleware.auth = { type = "bearer", token = "env:NOT_THERE" }';
  expect(said(route(auth))).toContain(auth);
  const named = 'middleware.auth = { type = "bearer", token_env = "NOT_THERE", x = 1 }';
  expect(said(route(named))).toContain(named);
});

test("what is wrong elsewhere in a broken file shows no secret either", () => {
  const text = `[server]\nport = 8080\n${route(
    `[route.middleware.auth]\ntype = "bearer"\ntoken = "${SECRET}"\n`,
  )}[[upstream]]\nname = "a"\nbackends = ["a:1"]\n`;
  const secretAt = text.indexOf("token =");
  const secretEnd = text.indexOf("\n", secretAt);
  const random = seededRandom(7);
  const signs = `"'[]{}=#\n.,\\ax`;
  for (let round = 0; round < 400; round++) {
    let changed = text;
    for (let i = 0; i < 3; i++) {
      const at = random.below(changed.length);
      const tokenAt = changed.indexOf("token =");
      if (at >= tokenAt && at <= tokenAt + (secretEnd - secretAt)) continue;
      changed =
        changed.slice(0, at) +
        signs[random.below(signs.length)] +
        changed.slice(at + random.below(2));
    }
    // Another sign in front would make it another key.
    if (!/[\s.]token = "/.test(changed)) continue;
    expect(said(changed)).not.toContain("xyzzy");
  }
});

test("an application's own settings say in their schema what is secret", () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-secrets-"));
  try {
    writeFileSync(
      join(folder, "app.toml"),
      `db = { url = "postgres://a:${SECRET}@b", pool = "x" }\n`,
    );
    const db = z.strictObject({ url: z.url().meta({ secret: true }), pool: z.int() });
    const read = () => config(z.strictObject({ db }), { cwd: folder, env: {} });
    expect(read).toThrow(SettingsError);
    expect(read).toThrow('db = { url = "********", pool = "x" }');
    const env = { APP_DB__URL: SECRET, APP_DB__POOL: "1" };
    const bad = () => config(z.strictObject({ db }), { cwd: folder, env });
    expect(bad).toThrow("db.url");
    expect(bad).not.toThrow("xyzzy");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("large files that are made to be slow are looked through in one go", () => {
  const keys = new Set(["token", "users"]);
  const parts = ["token.", "//a:", "users = [\n", "[users]\n", 'token = """\n', "token ", "["];
  for (const part of parts) {
    expect(secretRanges(part.repeat(2_000_000 / part.length), keys).length).toBeGreaterThanOrEqual(
      0,
    );
  }
  expect(secretRanges(`token${" ".repeat(2_000_000)}= 1`, keys)).toHaveLength(1);
});
