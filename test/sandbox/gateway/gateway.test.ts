// Guests from the configuration: as answers and around them, and through reloads.
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../../src/config/load.ts";
import { renderDiagnostics } from "../../../src/config/render.ts";
import { fetchThrough } from "../../../src/core/fetch-through.ts";
import { compile } from "../../../src/gateway/compile.ts";
import { Guests } from "../../../src/gateway/wasm/guests.ts";
import { serving } from "../../cli/cli.ts";
import { wat } from "../guests/wat.ts";
import { builtGuests } from "../product/guests.ts";
import { SECRET, token } from "../product/tokens.ts";

// Guests are stopped by a clock, and the machine may be busy.
setDefaultTimeout(60_000);

const built = await builtGuests("jwt-verifier", "rate-limiter", "json-sanitiser", "data-processor");
const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** A folder with a configuration and the guests it names. */
function folderOf(toml: string, files: Record<string, string | Uint8Array> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "sluice-wasm-"));
  folders.push(folder);
  writeFileSync(join(folder, "sluice.toml"), toml);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  for (const name of ["jwt-verifier", "rate-limiter", "json-sanitiser", "data-processor"]) {
    copyFileSync(join(built, `${name}.wasm`), join(folder, `${name}.wasm`));
  }
  return folder;
}

async function gatewayOf(toml: string, guests = new Guests(), files = {}) {
  const cwd = folderOf(toml, files);
  const env = { JWT_SECRET: SECRET };
  const { config, diagnostics } = loadConfig({ file: "sluice.toml", cwd, env });
  if (config === undefined) throw new Error(renderDiagnostics(diagnostics));
  const { app } = await compile(config, undefined, undefined, undefined, guests);
  return {
    app,
    ask: (path: string, init?: RequestInit) =>
      fetchThrough(app, new Request(`http://a.example${path}`, init)),
  };
}

const LIMITS = "cpu_timeout_ms = 10_000\ncall_timeout_ms = 20_000";

describe("guests in a gateway", () => {
  test("verifier, limiter and sanitiser stand around an answer of a guest", async () => {
    const { app, ask } = await gatewayOf(`
      [[route]]
      match.path = "/stats"
      [[route.middleware.wasm]]
      name = "limit"
      module = "rate-limiter.wasm"
      config = "4"
      ${LIMITS}
      [[route.middleware.wasm]]
      name = "verify"
      module = "jwt-verifier.wasm"
      config = "env:JWT_SECRET"
      ${LIMITS}
      [[route.middleware.wasm]]
      module = "json-sanitiser.wasm"
      ${LIMITS}
      [route.action]
      type = "wasm"
      module = "data-processor.wasm"
      call = "process_request"
      instances = 2
      ${LIMITS}
    `);
    try {
      const headers = {
        authorization: `Bearer ${await token({ sub: "ada" })}`,
        "content-type": "application/json",
      };
      const send = (body: string, more = {}) =>
        ask("/stats", { method: "POST", body, headers: { ...headers, ...more } });
      expect(await (await send('{"data":[1,2,6]}')).json()).toMatchObject({ sum: 9, mean: 3 });
      expect((await send("{")).status).toBe(400);
      expect((await send("[1]", { authorization: "Bearer x" })).status).toBe(401);
      expect((await send("[]")).status).toBe(422);
      expect((await send("[1]")).status).toBe(429);
    } finally {
      await app.stop?.();
    }
  });

  test("one that is the same in the next configuration keeps what it counted", async () => {
    const guests = new Guests();
    const toml = (max: number, more = "") => `
      [[route]]
      [[route.middleware.wasm]]
      module = "${join(built, "rate-limiter.wasm")}"
      config = "${max}"
      ${LIMITS}
      [route.action]
      type = "respond"
      body = "in"
      ${more}
    `;
    const first = await gatewayOf(toml(2), guests);
    await first.app.start?.();
    expect((await first.ask("/")).status).toBe(200);
    const second = await gatewayOf(toml(2, "status = 202"), guests);
    await second.app.start?.();
    await first.app.stop?.();
    expect((await second.ask("/")).status).toBe(202);
    expect((await second.ask("/")).status).toBe(429);
    const third = await gatewayOf(toml(3), guests);
    await third.app.start?.();
    await second.app.stop?.();
    expect((await third.ask("/")).status).toBe(200);
    await third.app.stop?.();
  });

  test("settings, variables and files reach a program; its body is limited", async () => {
    const program = wat(`(module
      (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
      (memory (export "memory") 1)
      (data (i32.const 0) "Content-Type: text/plain\\n\\n")
      (func (export "_start")
        (drop (call $environ (i32.const 1024) (i32.const 2048)))
        (i32.store (i32.const 512) (i32.const 0)) (i32.store (i32.const 516) (i32.const 26))
        (i32.store (i32.const 520) (i32.const 2048)) (i32.store (i32.const 524) (i32.const 9))
        (drop (call $write (i32.const 1) (i32.const 512) (i32.const 2) (i32.const 528)))))`);
    const { app, ask } = await gatewayOf(
      `
      [[route]]
      [route.action]
      type = "wasm"
      module = "env.wasm"
      env = { MODE = "prod" }
      files = { "/data" = "." }
      max_body = "8B"
      executor = "process"
      ${LIMITS}
      `,
      new Guests(),
      { "env.wasm": program },
    );
    try {
      expect(await (await ask("/")).text()).toBe("MODE=prod");
      expect((await ask("/", { method: "POST", body: "123456789" })).status).toBe(413);
    } finally {
      await app.stop?.();
    }
  });

  test("a module that goes bad between the check and the start is told with its place", async () => {
    const cwd = folderOf(`
      [[route]]
      action = { type = "wasm", module = "data-processor.wasm", call = "process_request" }
    `);
    const { config } = loadConfig({ file: "sluice.toml", cwd, env: {} });
    if (config === undefined) throw new Error("not checked");
    writeFileSync(join(cwd, "data-processor.wasm"), "gone");
    expect(compile(config)).rejects.toThrow(/^route\[1\]\.action: .*data-processor\.wasm: /);
  });
});

test("a changed module is taken by SIGHUP, and a bad one leaves the old in its place", async () => {
  const answering = (text: string): Uint8Array =>
    wat(`(module
      (import "http_handler" "write_body" (func $write (param i32 i32 i32)))
      (memory (export "memory") 1)
      (data (i32.const 0) "${text}")
      (func (export "handle_request") (result i64)
        (call $write (i32.const 1) (i32.const 0) (i32.const ${text.length}))
        (i64.const 0))
      (func (export "handle_response") (param i32 i32)))`);
  const folder = folderOf(
    `[server]\nport = 0\n[[route]]\naction = { type = "wasm", module = "guest.wasm", cpu_timeout_ms = 10_000, call_timeout_ms = 20_000 }\n`,
    { "guest.wasm": answering("first") },
  );
  const server = await serving(["--watch"], folder);
  try {
    const text = async () => (await fetch(server.url)).text();
    const becomes = async (expected: string): Promise<void> => {
      for (let tries = 0; tries < 400 && (await text()) !== expected; tries++) await Bun.sleep(25);
      expect(await text()).toBe(expected);
    };
    expect(await text()).toBe("first");
    writeFileSync(join(folder, "guest.wasm"), answering("second"));
    process.kill(server.started.pid, "SIGHUP");
    await becomes("second");
    writeFileSync(join(folder, "guest.wasm"), "no module");
    process.kill(server.started.pid, "SIGHUP");
    await Bun.sleep(300);
    expect(await text()).toBe("second");
    // By the watch alone.
    writeFileSync(join(folder, "guest.wasm"), answering("third"));
    await becomes("third");
  } finally {
    await server.stop();
  }
});
