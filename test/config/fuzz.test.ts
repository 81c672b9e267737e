import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TomlTable } from "smol-toml";
import { parse } from "smol-toml";
import { loadConfig } from "../../src/config/load.ts";
import { renderDiagnostics } from "../../src/config/render.ts";
import { formatToml } from "../../src/config/toml/format.ts";
import type { Random } from "../support/random.ts";
import { seededRandom } from "../support/random.ts";

const cwd = mkdtempSync(join(tmpdir(), "sluice-config-fuzz-"));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const sample = `# a comment
include = ["x.toml"] # behind
[server]
host = "127.0.0.1"
port = 8080
workers = "auto"
limits = { body_bytes = 1_000, streams = 5 }
[server.tls]
self_signed = true
[[server.certificate]]
cert = '''
text'''
key = "env:KEY"
[log]
access = """stdout"""
[[route]]
name = "a"
match.host = ["a.test", "*.b.test"] # hosts
match.path = "/a/*"
action = { type = "respond", body = "x", headers = { "x-y" = "z" } }
[[route]]
[route.action]
type = "static"
root = "."
cache_control = [ { files = "*.js", value = "no-store" }, ]
`;
const pieces = [
  ..."[]{}=.,#\"'\\\n\t 0a-é",
  "[[",
  "]]",
  "= {",
  '"""',
  "'''",
  "\r\n",
  "\u0000",
  "true",
  "1e9",
  "__proto__",
];

/** The sample with a few pieces put in, taken out or doubled. */
function mutate(random: Random): string {
  let text = sample;
  for (let edits = 1 + random.below(4); edits > 0; edits--) {
    const at = random.below(text.length);
    const length = random.below(12);
    const kind = random.below(3);
    const piece = kind === 0 ? random.pick(pieces) : "";
    const cut = kind === 0 ? 0 : length;
    const doubled = kind === 2 ? text.slice(at, at + length).repeat(2) : "";
    text = text.slice(0, at) + piece + doubled + text.slice(at + cut);
  }
  return text;
}

test("whatever is in a file, it is answered with places in it", () => {
  const random = seededRandom(20_261_121);
  const file = join(cwd, "sluice.toml");
  for (let round = 0; round < 500; round++) {
    const text = mutate(random);
    writeFileSync(file, text);
    const { diagnostics, config } = loadConfig({ file, cwd });
    expect(renderDiagnostics(diagnostics)).not.toContain("undefined");
    if (config === undefined) expect(diagnostics.length).toBeGreaterThan(0);
  }
}, 60_000);

test("what parses is formatted to the same meaning, once and for all", () => {
  const random = seededRandom(7);
  let parsed = 0;
  for (let round = 0; round < 3_000; round++) {
    const text = mutate(random);
    let value: unknown;
    try {
      value = parse(text.replaceAll("\r\n", "\n"));
    } catch {
      continue;
    }
    parsed++;
    const formatted = formatToml(text);
    expect(parse(formatted)).toEqual(value as TomlTable);
    expect(formatToml(formatted)).toBe(formatted);
  }
  expect(parsed).toBeGreaterThan(300);
});
