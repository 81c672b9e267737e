import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { LoadRequest } from "../../src/config/load.ts";
import { loadConfig } from "../../src/config/load.ts";
import { printConfig } from "../../src/config/print.ts";
import { renderDiagnostics } from "../../src/config/render.ts";
import { defaultLimits } from "../../src/server/limits.ts";

const root = mkdtempSync(join(tmpdir(), "sluice-config-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let count = 0;
/** A fresh folder with these files. */
function folder(files: Record<string, string>): string {
  const path = join(root, String(count++));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}

function load(files: Record<string, string>, request: Partial<LoadRequest> = {}) {
  const cwd = folder(files);
  const loaded = loadConfig({ file: "sluice.toml", cwd, ...request });
  return { ...loaded, cwd, text: renderDiagnostics(loaded.diagnostics) };
}

const ROUTE = '\n[[route]]\naction = { type = "respond" }\n';

describe("precedence", () => {
  const file = { "sluice.toml": `[server]\nport = 1001\nhost = "127.0.0.2"\n${ROUTE}` };

  test("defaults are the server's own", () => {
    const { config } = load({ "sluice.toml": ROUTE });
    expect(config?.server.limits.body_bytes).toBe(defaultLimits.bodyBytes);
    expect(config?.server.port).toBe(8080);
  });

  test("the file is stronger than a default, the environment than the file, an option than both", () => {
    const env = { SLUICE_SERVER__PORT: "1002", SLUICE_SERVER__LIMITS__STREAMS: "7" };
    expect(load(file).config?.server.port).toBe(1001);
    expect(load(file, { env }).config?.server).toMatchObject({
      port: 1002,
      host: "127.0.0.2",
      limits: { streams: 7 },
    });
    const overrides = [{ path: ["server", "port"], value: 1003, name: "--port" }];
    expect(load(file, { env, overrides }).config?.server.port).toBe(1003);
  });

  test("the process's own environment is not looked at", () => {
    process.env["SLUICE_SERVER__PORT"] = "1";
    try {
      expect(load(file).config?.server.port).toBe(1001);
    } finally {
      delete process.env["SLUICE_SERVER__PORT"];
    }
  });

  test("a variable may open a table that is off by default", () => {
    const { config } = load(file, { env: { SLUICE_ADMIN__PORT: "9999" } });
    expect(config?.admin).toEqual({ host: "127.0.0.1", hosts: [], port: 9999 });
  });
});

describe("environment", () => {
  const file = { "sluice.toml": ROUTE };

  test.each([
    ["SLUICE_SERVER__HTTP2", "off", (c: any) => c.server.http2, false],
    ["SLUICE_SERVER__HEALTH", "TRUE", (c: any) => c.server.health, true],
    ["SLUICE_SERVER__WORKERS", "auto", (c: any) => c.server.workers, "auto"],
    ["SLUICE_SERVER__WORKERS", "3", (c: any) => c.server.workers, 3],
    ["SLUICE_LOG__FORMAT", "json", (c: any) => c.log.format, "json"],
    ["SLUICE_SERVER__HOST", "::", (c: any) => c.server.host, "::"],
  ])("%s=%s has the type of its key", (name, value, pick, expected) => {
    expect(pick(load(file, { env: { [name]: value } }).config)).toBe(expected);
  });

  test.each([
    ["SLUICE_SERVER__PROT", "1", "did you mean SLUICE_SERVER__PORT?"],
    ["SLUICE_SERVER_PORT", "1", "did you mean SLUICE_SERVER__PORT?"],
    ["SLUICE_SRVER__HOST", "x", "did you mean SLUICE_SERVER__HOST?"],
    ["SLUICE_ROUTE__0__NAME", "x", "lists of tables can only be set in a file"],
    ["SLUICE_NOTHING__LIKE_IT", "x", "variables are named SLUICE_SECTION__KEY"],
  ])("%s is an error", (name, value, help) => {
    const { config, text } = load(file, { env: { [name]: value } });
    expect(config).toBeUndefined();
    expect(text).toStartWith(`${name}: error: is no setting`);
    expect(text).toContain(help);
  });

  test("variables of others are left alone", () => {
    const env = { SLUICE_HOME: "/x", SLUICE_VERSION: "2", SLUICE: "1", PORT: "x" };
    expect(load(file, { env }).diagnostics).toEqual([]);
  });

  test("a wrong value names the variable", () => {
    const { text } = load(file, { env: { SLUICE_SERVER__PORT: "http" } });
    expect(text).toBe(
      'SLUICE_SERVER__PORT: error: server.port must be a whole number from 0 to 65535, not "http"\n\n1 error\n',
    );
  });

  test("a wrong option names the option", () => {
    const overrides = [{ path: ["server", "port"], value: 70_000, name: "--port" }];
    expect(load(file, { overrides }).text).toStartWith("--port: error: server.port must be");
  });
});

describe("references", () => {
  test("env: and file: stand for values of any type", () => {
    const { config, files, cwd } = load(
      {
        "conf/sluice.toml": `include = []\n[server]\nuser = "env:WHO"\nport = "file:secrets/port"\n${ROUTE}`,
        "conf/secrets/port": "4321\n",
      },
      { file: "conf/sluice.toml", env: { WHO: "www" } },
    );
    expect(config?.server).toMatchObject({ user: "www", port: 4321 });
    expect(files).toEqual([join(cwd, "conf/sluice.toml"), join(cwd, "conf/secrets/port")]);
  });

  test("what they stand for is shown neither by print nor by a diagnostic", () => {
    const text = `[server]\nuser = "env:WHO"\n[[route]]\naction = { type = "respond", body = "env:TOKEN" }\n`;
    const env = { WHO: "hunter2", TOKEN: "hunter3" };
    const { config, ...loaded } = load({ "sluice.toml": text }, { env });
    const printed = printConfig(config as NonNullable<typeof config>, loaded);
    expect(printed).toContain('user = "env:WHO"');
    expect(printed).toContain('body = "env:TOKEN"');
    expect(printed).not.toContain("hunter");
    const wrong = load({ "sluice.toml": `[server]\nport = "env:WHO"\n${ROUTE}` }, { env });
    expect(wrong.text).toContain("server.port must be a whole number");
    expect(wrong.text).not.toContain("hunter");
    const host = load(
      { "sluice.toml": '[[route]]\nmatch.host = "env:WHO"\naction = { type = "respond" }\n' },
      { env: { WHO: "hunter2:80" } },
    );
    expect(host.text).toContain("without a port");
    expect(host.text).not.toContain("hunter");
  });
});

describe("include", () => {
  test("files are read in the order of their names, routes go on, tables join, paths are the file's own", () => {
    const { config, cwd, diagnostics, files } = load({
      "sluice.toml": `include = ["conf.d/*.toml"]\n[server]\nport = 1\n[[route]]\nmatch.path = "/0"\naction = { type = "respond" }\n`,
      "conf.d/20.toml":
        '[server.limits]\nstreams = 5\n[[route]]\nmatch.path = "/2"\naction = { type = "respond" }\n',
      "conf.d/10.toml":
        '[server]\nhttp2 = false\n[[route]]\nmatch.path = "/1"\naction = { type = "static", root = "site" }\n',
      "conf.d/site/index.html": "",
      "conf.d/readme.md": "no TOML",
    });
    expect(diagnostics).toEqual([]);
    expect(config?.route.map((route) => route.match.path)).toEqual(["/0", "/1", "/2"]);
    expect(config?.route[1]?.action).toMatchObject({ root: join(cwd, "conf.d/site") });
    expect(config?.server).toMatchObject({ port: 1, http2: false, limits: { streams: 5 } });
    expect(files.map((file) => file.slice(cwd.length + 1))).toEqual([
      "sluice.toml",
      "conf.d/10.toml",
      "conf.d/20.toml",
    ]);
  });

  test("a missing main file is one error", () => {
    const { config, text } = load({ "other.toml": "" });
    expect(config).toBeUndefined();
    expect(text).toBe("sluice.toml: error: cannot read it: there is no such file\n\n1 error\n");
  });

  test("a file that is no UTF-8 is refused", () => {
    const cwd = folder({ "x.toml": "" });
    writeFileSync(join(cwd, "sluice.toml"), new Uint8Array([0x61, 0xff]));
    const { diagnostics } = loadConfig({ file: "sluice.toml", cwd });
    expect(renderDiagnostics(diagnostics)).toContain("it is not UTF-8 text");
  });
});

describe("print", () => {
  const text = `include = ["more.toml"]
[server]
port = 1
[log]
access = "logs/access.log"
[admin]
[[route]]
match = { host = ["a.test", "*.b.test"] }
action = { type = "respond", body = "line\\nline\\u007f", headers = { "x-a" = "1" } }
`;
  const files = {
    "sluice.toml": text,
    "more.toml":
      '[[route]]\nmatch.path = "/*"\naction = { type = "static", root = "site", fallback = {} }\n',
    "site/index.html": "",
    "logs/x": "",
  };

  test("what is printed means the same, and prints the same but for origins", () => {
    const first = load(files, { env: { SLUICE_SERVER__DRAIN_MS: "9" } });
    expect(first.text).toBe("");
    const printed = printConfig(first.config as NonNullable<typeof first.config>, first);
    const second = load({ "sluice.toml": printed });
    expect(second.text).toBe("");
    expect({ ...second.config, include: [] } as unknown).toEqual({ ...first.config, include: [] });
    const bare = (from: string) => from.replace(/ *# [^"]*$/gm, "");
    const again = printConfig(second.config as NonNullable<typeof second.config>, second);
    expect(bare(again)).toBe(bare(printed));
  });

  test("each value has its origin", () => {
    const overrides = [{ path: ["server", "host"], value: "::1", name: "--host" }];
    const loaded = load(files, { env: { SLUICE_SERVER__DRAIN_MS: "9" }, overrides });
    const printed = printConfig(loaded.config as NonNullable<typeof loaded.config>, loaded);
    expect(printed).toMatch(/^port = 1 +# sluice\.toml:3$/m);
    expect(printed).toMatch(/^host = "::1" +# --host$/m);
    expect(printed).toMatch(/^drain_ms = 9 +# SLUICE_SERVER__DRAIN_MS$/m);
    expect(printed).toMatch(/^http2 = true +# default$/m);
    expect(printed).toMatch(/^root = ".*site" +# more\.toml:3$/m);
    expect(printed).toMatch(/^document = "index\.html" +# default$/m);
  });
});

test("nothing is read twice over: ten thousand routes are checked in one go", () => {
  let text = "";
  for (let i = 0; i < 10_000; i++) {
    text += `[[route]]\nmatch = { host = "h${i}.test", path = "/p${i}/*" }\naction = { type = "respond" }\n`;
  }
  const { config, diagnostics } = load({ "sluice.toml": text });
  expect(diagnostics).toEqual([]);
  expect(config?.route).toHaveLength(10_000);
});
