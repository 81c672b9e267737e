import { describe, expect, test } from "bun:test";
import { configSchema } from "../config/schema/config.ts";
import { banner } from "./banner.ts";
import type { Shell } from "./shell.ts";

const shell = (tty: boolean): Shell => ({
  env: {},
  cwd: "/srv",
  tty,
  out() {},
  err() {},
  color: () => false,
});

const site = configSchema.parse({ route: [{ action: { type: "static", root: "/srv/public" } }] });
const addresses = [
  { url: "https://127.0.0.1:8443", protocols: ["h1", "h2", "h3"] },
  { url: "http://127.0.0.1:80", protocols: ["h1"] },
];

describe("banner", () => {
  test("for people: addresses, protocols, what is served", () => {
    const text = banner({ addresses, config: site, file: undefined, startMs: 12 }, shell(true));
    expect(text).toContain("→ https://127.0.0.1:8443  h1 h2 h3\n");
    expect(text).toContain("→ http://127.0.0.1:80     h1\n");
    expect(text).toContain("root    public\n");
    expect(text).toContain("--host 0.0.0.0 opens it");
    expect(text).not.toContain("\u001b");
  });

  test("with a configuration: its file", () => {
    const text = banner(
      { addresses, config: site, file: "/srv/sluice.toml", startMs: 12 },
      shell(true),
    );
    expect(text).toContain("config  sluice.toml, 1 route\n");
    expect(text).not.toContain("opens it");
  });

  test("every address: one that can be opened", () => {
    const open = [{ url: "http://0.0.0.0:8080", protocols: ["h1"] }];
    const started = { addresses: open, config: site, file: undefined, startMs: 12 };
    expect(banner(started, shell(true))).toContain("→ http://localhost:8080");
    expect(banner(started, shell(true))).not.toContain("//0.0.0.0:");
    expect(banner(started, shell(false))).toContain("http://0.0.0.0:8080");
  });

  test("for machines: one line of JSON", () => {
    const text = banner({ addresses, config: site, file: undefined, startMs: 12 }, shell(false));
    expect(text).toEndWith("}\n");
    expect(text.indexOf("\n")).toBe(text.length - 1);
    expect(JSON.parse(text)).toMatchObject({
      event: "listening",
      addresses,
      root: "/srv/public",
      start_ms: 12,
    });
  });
});
