import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { SettingsOptions } from "../../src/config/index.ts";
import { config, SettingsError } from "../../src/config/index.ts";

const schema = z.strictObject({
  title: z.string().default("Notes"),
  db: z.strictObject({
    url: z.url(),
    pool: z.int().min(1).default(10),
    password: z.string().optional(),
  }),
  features: z.array(z.enum(["chat", "feed"])).default([]),
});

function read(
  toml: string | undefined,
  env: SettingsOptions["env"] = {},
  more: SettingsOptions = {},
) {
  const cwd = mkdtempSync(join(tmpdir(), "sluice-settings-"));
  try {
    if (toml !== undefined) writeFileSync(join(cwd, "app.toml"), toml);
    return config(schema, { env, cwd, ...more });
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

function mistakes(toml: string | undefined, env: SettingsOptions["env"] = {}): string {
  try {
    read(toml, env);
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
  throw new Error("nothing was wrong");
}

describe("an application's own settings", () => {
  test("defaults, then the file, then the environment", () => {
    const toml = '[db]\nurl = "http://a.example"\npool = 3\npassword = "env:SECRET"\n';
    const env = { APP_DB__POOL: "4", APP_FEATURES: "chat,feed", SECRET: "s3" };
    expect(read(toml, env)).toEqual({
      title: "Notes",
      db: { url: "http://a.example", pool: 4, password: "s3" },
      features: ["chat", "feed"],
    });
    expect(read(undefined, { APP_DB__URL: "http://b.example" }).db.url).toBe("http://b.example");
    const named = read(undefined, { MY_DB__URL: "http://c.example" }, { prefix: "MY_" });
    expect(named.db.url).toBe("http://c.example");
  });

  test("everything that is wrong is told at once, with its place", () => {
    const text = mistakes('title = 7\n[db]\nurl = "nowhere"\npol = 5\n', { APP_DB__POOL: "many" });
    expect(text).toContain("app.toml:1:9: error: title must be");
    expect(text).toContain("app.toml:3:7: error: db.url");
    expect(text).toContain('app.toml:4:1: error: unknown key "pol" in db');
    expect(text).toContain('did you mean "pool"?');
    expect(text).toContain("APP_DB__POOL");
    expect(text).toContain("4 errors");
  });

  test("what is missing, misspelt in the environment or not there is told", () => {
    expect(mistakes(undefined)).toContain('"db" is missing');
    const flat = () => config(z.object({ key: z.string() }), { env: {}, prefix: "MY_", cwd: "/" });
    expect(flat).toThrow(/^error: "key" is missing: .*\n.*help: set MY_KEY\n/);
    expect(mistakes(undefined, { APP_DB__URL: "http://a", APP_DB__POLL: "1" })).toContain(
      "did you mean APP_DB__POOL?",
    );
    expect(() => read(undefined, {}, { file: "nope.toml" })).toThrow(/nope\.toml/);
  });

  test("a secret is never shown", () => {
    const toml = '[db]\nurl = "env:SECRET"\n';
    expect(mistakes(toml, { SECRET: "hunter2" })).not.toContain("hunter2");
  });
});
