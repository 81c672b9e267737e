import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "./load.ts";

/** The help for a configuration's first mistake. */
function helpFor(toml: string): string | undefined {
  const cwd = mkdtempSync(join(tmpdir(), "sluice-words-"));
  try {
    writeFileSync(join(cwd, "sluice.toml"), toml);
    const { diagnostics } = loadConfig({ file: "sluice.toml", cwd });
    return diagnostics.find(({ message }) => message.startsWith("unknown key"))?.help;
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

const ACTION = 'action = { type = "respond" }\n';

test.each([
  ['listen = ":80"\n', 'in [server] write host = "0.0.0.0" and port = 80'],
  ["[server]\nworker_processes = 4\n", 'write workers = "auto"'],
  ['[[upstream]]\nname = "a"\nservers = ["a:1"]\n', 'write backends = ["HOST:PORT"]'],
  [`[[upstream]]\nname = "a"\ntls = { insecure-skip-verify = true }\n`, "write verify = false"],
  ['[[route]]\nproxy_pass = "http://a"\n', 'write action = { type = "proxy", upstream = "NAME" }'],
  ['[[route]]\naction = { type = "proxy", url = "http://a" }\n', "name the servers in an"],
  [`[[route]]\n${ACTION}middleware.gzip = true\n`, "write compress = {}"],
  ["[middleware]\nforward_auth = {}\n", 'write auth = { type = "forward"'],
])("%j is told how it is written here", (toml, help) => {
  expect(helpFor(toml)).toContain(help);
});

test.each([
  // What is near is named before what is far.
  [`[[route]]\npath = "/"\n${ACTION}`, "there is such a key at route.match.path"],
  [`[[route]]\nheaders = {}\n${ACTION}`, "there is such a key at route.middleware.headers"],
  ['[[route]]\naction = { type = "respond", root = "." }\n', 'it belongs to type = "static"'],
  [`[[route]]\nconstructor = 1\n${ACTION}`, "the keys here are"],
])("%j is told where it belongs", (toml, help) => {
  expect(helpFor(toml)).toContain(help);
});
