import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../src/config/load.ts";
import { renderDiagnostics } from "../../src/config/render.ts";
import { serverSettings } from "../../src/gateway/settings.ts";
import { createDevelopmentCertificate } from "../../src/server/tls/self-signed.ts";

const cwd = mkdtempSync(join(tmpdir(), "sluice-config-tls-"));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const a = createDevelopmentCertificate({ names: ["a.test"] });
const b = createDevelopmentCertificate({ names: ["b.test"] });
for (const [name, text] of Object.entries({
  "a.pem": a.certificate,
  "a.key": a.key,
  "b.pem": b.certificate,
  "b.key": b.key,
})) {
  writeFileSync(join(cwd, name), text);
}

function load(text: string, env: Record<string, string> = {}) {
  const file = join(cwd, "sluice.toml");
  writeFileSync(file, `${text}\n[[route]]\naction = { type = "respond" }\n`);
  const loaded = loadConfig({ file, cwd, env });
  return { ...loaded, text: renderDiagnostics(loaded.diagnostics).replaceAll(cwd, "<folder>") };
}

test("certificates that may be served come out as text", () => {
  const { config, text } = load(
    '[server.tls]\ncert = "a.pem"\nkey = "a.key"\n[[server.certificate]]\ncert = "b.pem"\nkey = "b.key"\nnames = ["b.test"]\n',
  );
  expect(text).toBe("");
  const { tls } = serverSettings(config as NonNullable<typeof config>);
  expect(tls?.certificates.map((one) => one.certificate)).toEqual([a.certificate, b.certificate]);
  expect(tls?.certificates[1]).toMatchObject({ key: b.key, names: ["b.test"] });
});

test("a key may be the text of a variable or of a file", () => {
  const { config, text } = load('[server.tls]\ncert = "file:a.pem"\nkey = "env:KEY"\n', {
    KEY: a.key,
  });
  expect(text).toBe("");
  const { tls } = serverSettings(config as NonNullable<typeof config>);
  expect(tls?.certificates[0]?.key).toBe(a.key);
});

test("a key that does not fit is shown at the key, without showing it", () => {
  const { config, text } = load('[server.tls]\ncert = "a.pem"\nkey = "b.key"\n');
  expect(config).toBeUndefined();
  expect(text).toContain("sluice.toml:3:7: error:");
  expect(text).not.toContain("BEGIN");
});

test("an authority's file without a certificate is shown at client_ca", () => {
  const { text } = load('[server.tls]\ncert = "a.pem"\nkey = "a.key"\nclient_ca = "a.key"\n');
  expect(text).toContain(
    "sluice.toml:4:13: error: server.tls.client_ca: there is no certificate in PEM",
  );
});

test("a self-signed one is the same through reloads", () => {
  const text = "[server.tls]\nself_signed = true\n[server.tls.redirect]\nport = 8081\n";
  const make = () => serverSettings(load(text).config as never);
  expect(make().tls?.certificates[0]?.certificate).toBe(
    make().tls?.certificates[0]?.certificate as string,
  );
  expect(make().redirect).toEqual({ port: 8081, status: 301 });
});
