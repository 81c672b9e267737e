import { describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Capability, SandboxTimeout, SecurityPolicy, WasmSandbox } from "sluice/sandbox";
import { hostFunctions } from "../../src/sandbox/abi/host-signatures.ts";
import { wat } from "./guests/wat.ts";
import { errorOf } from "./support/error-of.ts";

const FD_WRITE = `(import "wasi_snapshot_preview1" "fd_write"
  (func $write (param i32 i32 i32 i32) (result i32)))`;
const RANDOM = `(import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))`;
const program = (imports: string, body: string): Uint8Array<ArrayBuffer> =>
  wat(`(module ${imports} (memory (export "memory") 16) (func (export "_start") ${body}))`);
/** An answer of a guest for http-wasm. */
const REQUEST = {
  method: "GET",
  uri: "/",
  protocol: "HTTP/1.1",
  source: "192.0.2.1:1",
  scheme: "http",
  host: "example.com",
  headers: [],
  body: new Uint8Array(0),
  trailers: [],
};
const handler = (imports: string, body: string): Uint8Array<ArrayBuffer> =>
  wat(`(module ${imports} (memory (export "memory") 1)
    (func $run (export "handle_request") (result i64) ${body} (i64.const 0))
    (func (export "handle_response") (param i32 i32)))`);

/** Guests whose time is not spent in their own code. */
const BUSY_HOSTS = {
  "many empty ranges to write": program(
    FD_WRITE,
    `(loop (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1024) (i32.const 65000))) (br 0))`,
  ),
  "nothing but ends of lines": program(
    FD_WRITE,
    `(local $i i32) (memory.fill (i32.const 65536) (i32.const 10) (i32.const 8192))
     (loop $next
       (i32.store (i32.shl (local.get $i) (i32.const 3)) (i32.const 65536))
       (i32.store offset=4 (i32.shl (local.get $i) (i32.const 3)) (i32.const 8192))
       (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1024))))
     (loop (drop (call $write (i32.const 2) (i32.const 0) (i32.const 1024) (i32.const 65000))) (br 0))`,
  ),
  "a memory full of random bytes": program(
    RANDOM,
    `(drop (memory.grow (i32.const 15000)))
     (loop (drop (call $random (i32.const 0) (i32.const 980000000))) (br 0))`,
  ),
};

describe("what a host does for a guest is within the guest's time", () => {
  test.each(Object.entries(BUSY_HOSTS))("%s", async (_, source) => {
    await using sandbox = await WasmSandbox.builder()
      .source(source)
      .executor("inline")
      .memoryLimit("1GiB")
      .cpuTimeout(10)
      .build();
    const error = await errorOf(sandbox.call("_start", "x"));
    expect(error).toBeInstanceOf(SandboxTimeout);
  });
});

test("many writes of little or nothing take no more room than they hold", async () => {
  const imports = `(import "http_handler" "write_body" (func $write (param i32 i32 i32)))`;
  const body = `(local $i i32) (loop $next
    (call $write (i32.const 1) (i32.const 0) (i32.and (local.get $i) (i32.const 1)))
    (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2000000))))`;
  await using sandbox = await WasmSandbox.builder()
    .source(handler(imports, body))
    .policy(SecurityPolicy.webService())
    .cpuTimeout("20s")
    .build();
  const before = process.memoryUsage.rss();
  const outcome = await sandbox.exchange("handle_request", REQUEST);
  expect((outcome as unknown as { responseBody: Uint8Array }).responseBody.byteLength).toBe(1e6);
  expect(process.memoryUsage.rss() - before).toBeLessThan(100e6);
}, 30_000);

describe("functions of the host are imported as they are", () => {
  test("a module that names every function of an ABI is taken", async () => {
    for (const [module, functions] of hostFunctions) {
      const imports = [...functions].map(([name, { params, results }]) => {
        const type = `(param ${params.join(" ")}) (result ${results.join(" ")})`;
        return `(import "${module}" "${name}" (func ${type}))`;
      });
      const source = wat(`(module ${imports.join("\n")} (memory (export "memory") 1)
        (func (export "_start")) (func (export "f") (result i32) (i32.const 0))
        (func (export "handle_request") (result i64) (i64.const 0))
        (func (export "handle_response") (param i32 i32)))`);
      await using sandbox = await WasmSandbox.builder().source(source).build();
      if (sandbox.abi === "http-wasm") await sandbox.exchange("handle_request", REQUEST);
      else await sandbox.call(sandbox.abi === "wasi" ? "_start" : "f", "");
    }
  });

  test.each([
    ["a function", "(func $set (param funcref))", "(call $set (ref.func $run))"],
    ["a broken number", "(func $set (param f64))", "(call $set (f64.const nan))"],
    ["a large number", "(func $set (param i64))", "(call $set (i64.const 200))"],
    ["nothing", "(func $set)", "(call $set)"],
    ["a global in its place", "(global externref)", ""],
  ])("given %s", async (_, type, body) => {
    const source = handler(`(import "http_handler" "set_status_code" ${type})`, body);
    const error = await errorOf(WasmSandbox.builder().source(source).build());
    expect(error).toMatchObject({ code: "sandbox_invalid_module" });
    expect(error.message).toContain("http_handler.set_status_code");
  });
});

/** Has a request of so many bytes, all of them spaces, or an error message. */
const LONG_TEXTS = wat(`(module
  (import "extism:host/env" "http_request" (func $request (param i64 i64) (result i64)))
  (import "extism:host/env" "error_set" (func $error (param i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store (param i64 i64)))
  (memory 1)
  (func $spaces (param $length i64) (result i64) (local $at i64) (local $block i64)
    (local.set $at (local.tee $block (call $alloc (local.get $length))))
    (loop $next
      (call $store (local.get $at) (i64.const 0x2020202020202020))
      (br_if $next (i64.lt_u (local.tee $at (i64.add (local.get $at) (i64.const 8)))
        (i64.add (local.get $block) (local.get $length)))))
    (local.get $block))
  (func (export "ask") (result i32)
    (drop (call $request (call $spaces (i64.const 8000000)) (i64.const 0))) (i32.const 0))
  (func (export "fail") (result i32) (call $error (call $spaces (i64.const 8000000))) (i32.const 1)))`);

test("texts of a guest are no longer than somebody would read", async () => {
  await using sandbox = await WasmSandbox.builder().source(LONG_TEXTS).cpuTimeout("5s").build();
  const refused = await errorOf(sandbox.call("ask", ""));
  expect(refused.message).toBe("http_request was given a text of more than 262144 bytes");
  const failed = await errorOf(sandbox.call("fail", ""));
  expect(failed.message).toHaveLength(8192);
});

test("a directory that has gone is missing for its guest, and nobody else's matter", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-gone-"));
  const given = join(folder, "given");
  mkdirSync(given);
  const stat = `(import "wasi_snapshot_preview1" "path_filestat_get"
      (func $stat (param i32 i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))`;
  const looks = program(
    stat,
    `(i32.store8 (i32.const 0) (i32.const 46))
     (call $exit (call $stat (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 64)))`,
  );
  const adds = wat(
    `(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))`,
  );
  const files = Capability.files({ "/data": given });
  await using sandbox = await WasmSandbox.builder().source(looks).allow(files).build();
  const others = await Promise.all(
    Array.from({ length: 4 }, () => WasmSandbox.builder().source(adds).callTimeout("20s").build()),
  );
  rmSync(folder, { recursive: true });
  const calling = others.map((other) => other.call("add", [1, 2]));
  // ENOENT of WASI.
  expect((await errorOf(sandbox.call("_start", ""))).message).toContain("exit code 44");
  expect(await Promise.all(calling)).toEqual([3, 3, 3, 3]);
  await Promise.all(others.map((other) => other.dispose()));
});
