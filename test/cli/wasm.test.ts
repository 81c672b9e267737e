import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wat } from "../sandbox/guests/wat.ts";
import { inProcess, sluice } from "./cli.ts";

// Guests are stopped by a clock, and the machine may be busy.
setDefaultTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), "sluice-cli-wasm-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const modules: Record<string, string> = {
  // Gives back its input, and says so in the log.
  echo: `(module
    (import "extism:host/env" "input_offset" (func $in (result i64)))
    (import "extism:host/env" "input_length" (func $length (result i64)))
    (import "extism:host/env" "output_set" (func $out (param i64 i64)))
    (import "extism:host/env" "log_info" (func $log (param i64)))
    (import "extism:host/env" "error_set" (func $error (param i64)))
    (import "extism:host/env" "http_request" (func $fetch (param i64 i64) (result i64)))
    (memory (export "memory") 1)
    (func (export "echo") (result i32)
      (call $log (call $in)) (call $out (call $in) (call $length)) (i32.const 0))
    (func (export "fail") (result i32) (call $error (call $in)) (i32.const 1))
    (func (export "fetch") (result i32) (drop (call $fetch (call $in) (i64.const 0))) (i32.const 0)))`,
  layer: `(module
    (import "http_handler" "get_config" (func $config (param i32 i32) (result i32)))
    (import "http_handler" "set_header_value" (func $set (param i32 i32 i32 i32 i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "x-config")
    (func (export "handle_request") (result i64) (local $n i32)
      (local.set $n (call $config (i32.const 100) (i32.const 100)))
      (if (i32.eqz (local.get $n)) (then (unreachable)))
      (call $set (i32.const 0) (i32.const 0) (i32.const 8) (i32.const 100) (local.get $n))
      (i64.const 1))
    (func (export "handle_response") (param i32 i32)))`,
  // Asks for what http-wasm does not have.
  half: `(module
    (import "http_handler" "get_url" (func (param i32 i32) (result i32)))
    (func (export "handle_request") (result i64) (i64.const 1)))`,
  trap: `(module
    (import "http_handler" "enable_features" (func (param i32) (result i32)))
    (func (export "handle_request") (result i64) unreachable)
    (func (export "handle_response") (param i32 i32)))`,
  // Would have a terminal say something else of it.
  hostile: `(module
    (import "http_handler" "get_uri" (func (param i32 i32) (result i32)))
    (func (export "\\1b[2J\\0aimports: none\\e2\\80\\ae") (result i32) (i32.const 0)))`,
  other: '(module (import "env" "print" (func (param i32))))',
};
for (const [name, text] of Object.entries(modules)) {
  writeFileSync(join(folder, `${name}.wasm`), wat(text));
}
writeFileSync(join(folder, "input.txt"), "from a file");

const wasm = (...args: string[]) => inProcess(["wasm", ...args], folder);
/** Bounds for a machine that is busy. */
const PATIENT = ["--cpu-timeout", "900ms"];

describe("sluice wasm inspect", () => {
  test("names of a module drive no terminal and write no lines of their own", async () => {
    const { out } = await wasm("inspect", "hostile.wasm");
    expect(out).toContain("\n  \\u001b[2J\\u000aimports: none\\u202e () -> i32\n");
    for (const mark of ["\x1b", "\u202e"]) expect(out).not.toContain(mark);
    const run = await wasm("run", "echo.wasm", "--call", "fail", "--input", "\x1b[31mno\nreally");
    expect(run.err).toContain("\\u001b[31mno\\u000areally");
    const log = await wasm(
      "run",
      "echo.wasm",
      "--call",
      "echo",
      "--input",
      "\x1b[31mno",
      ...PATIENT,
    );
    expect(log.err).toContain("info: \\u001b[31mno");
  });

  test("what is no file is not waited for", async () => {
    const { code, err } = await wasm("inspect", "/dev/zero");
    expect(code).not.toBe(0);
    expect(err).toContain("cannot read /dev/zero: is no regular file");
  });

  test("tells what a module is and wants", async () => {
    const { code, out } = await wasm("inspect", "echo.wasm");
    expect(code).toBe(0);
    expect(out).toContain("ABI: extism\nmemory: 1 pages (64 KiB), no maximum of its own\n");
    expect(out).toContain("  extism:host/env.output_set (i64, i64)\n");
    expect(out).toContain("  echo () -> i32\n");
    expect(out).toContain(
      "would want:\n  HTTP requests of its own: allowed by Capability.network (network = { hosts = […] })\n  a log: allowed by every sandbox\n",
    );
  });

  test("says when it could not run, and what is no module", async () => {
    const other = await wasm("inspect", "other.wasm");
    expect(other.code).toBe(1);
    expect(other.out).toContain("ABI: none that a sandbox has: it would be refused");
    const none = await wasm("inspect", "input.txt");
    expect(none).toMatchObject({ code: 1, out: "" });
    expect(none.err).toContain("input.txt: is no WebAssembly module");
    const half = await wasm("inspect", "half.wasm");
    expect(half.code).toBe(1);
    expect(half.out).toContain("would be refused: the module imports http_handler.get_url");
  });
});

describe("sluice wasm run", () => {
  test("asks the export that is named, as a server would", async () => {
    const given = ["--request", "POST /", "--call", "echo", "--input", "hello", ...PATIENT];
    const run = await wasm("run", "echo.wasm", ...given);
    expect(run.code).toBe(0);
    expect(run.out).toEndWith("hello\n");
  });

  test("tells in a line why a request failed", async () => {
    const { code, out, err } = await wasm("run", "trap.wasm", "--request", "GET /", ...PATIENT);
    expect({ code, status: out.slice(0, 3) }).toEqual({ code: 1, status: "502" });
    expect(err).toMatch(/^error: trap\.wasm: the guest trapped: .*\n$/);
  });

  test("calls an export, with its log on standard error", async () => {
    const run = await wasm("run", "echo.wasm", "--call", "echo", "--input", "hello", ...PATIENT);
    expect(run).toEqual({ code: 0, out: "hello\n", err: "info: hello\n" });
    const file = await wasm(
      "run",
      "echo.wasm",
      "--call",
      "echo",
      "--input",
      "@input.txt",
      ...PATIENT,
    );
    expect(file.out).toBe("from a file\n");
  });

  test("shows what was denied", async () => {
    const input = '{"url":"http://127.0.0.1/"}';
    const args = ["--call", "fetch", "--input", input, "--audit", ...PATIENT];
    const { code, out, err } = await wasm("run", "echo.wasm", ...args);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(/denied network\.request .*127\.0\.0\.1/);
    expect(err).toMatch(/ms, 65536 bytes of memory\nerror: echo\.wasm: /);
  });

  test("tells of a guest that failed", async () => {
    const run = await wasm("run", "echo.wasm", "--call", "fail", "--input", "sold out", ...PATIENT);
    expect(run).toEqual({ code: 1, out: "", err: "error: echo.wasm: sold out\n" });
  });

  test("asks a middleware, and shows what goes on", async () => {
    const request = ["--request", "POST /a?b=c", "-H", "X-A: 1", "--input", "body"];
    const { code, out } = await wasm(
      "run",
      "layer.wasm",
      ...request,
      "--config",
      "set",
      ...PATIENT,
    );
    expect(code).toBe(0);
    expect(out).toStartWith("200\n");
    expect(out).toContain("passed on: POST /a?b=c\n");
    expect(out).toContain("x-a: 1\n");
    expect(out).toContain("x-config: set\n");
    expect(out).toEndWith("\nbody\n");
    expect((await wasm("run", "layer.wasm", ...PATIENT)).code).toBe(1);
  });

  test.each([
    [[], "inspect, run or bench FILE"],
    [["run"], "name a module"],
    [["walk", "echo.wasm"], "inspect, run or bench FILE"],
    [["run", "none.wasm"], "cannot read none.wasm"],
    [["run", "echo.wasm"], "--call NAME"],
    [["run", "echo.wasm", "--input", "@none"], "cannot read none"],
    [["run", "echo.wasm", "--memory", "much"], "is not a size"],
    [["run", "echo.wasm", "--env", "A"], "NAME=TEXT"],
    [["run", "echo.wasm", "--dir", "/a=none"], "is no directory"],
    [["run", "echo.wasm", "--policy", "lax"], "--policy must be one of"],
    [["run", "layer.wasm", "--request", "/"], 'write it as "POST /path"'],
    [["run", "layer.wasm", "-H", "nothing"], "is no field"],
    [["bench", "echo.wasm", "--seconds", "no"], "a number up to 60"],
  ])("%p is a mistake", async (args, message) => {
    const { code, err } = await wasm(...args);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});

test.each(["inline", "worker", "process"])(
  "a program that only waits for a guest (%s) does not end before it has answered",
  async (executor) => {
    const args = ["wasm", "run", "echo.wasm", "--call", "echo", "--input", "hello"];
    const cpu = executor === "inline" ? "10ms" : "900ms";
    const bounds = ["--executor", executor, "--cpu-timeout", cpu];
    // Inline has 10 ms at most, and on a busy machine a guest's first call may wait longer than that for a processor.
    let said = await sluice([...args, ...bounds], folder);
    for (let again = 0; again < 20 && said.err.includes("cpuTimeout of 10 ms"); again++) {
      expect(said.code).toBe(1);
      said = await sluice([...args, ...bounds], folder);
    }
    expect(said).toMatchObject({ out: "hello\n", err: "info: hello\n" });
  },
);

test("sluice wasm bench measures each executor", async () => {
  const args = ["--call", "echo", "--input", "hello", "--seconds", "0.2"];
  const { code, out } = await wasm("bench", "echo.wasm", ...args, "--executor", "worker");
  expect(code).toBe(0);
  expect(out).toMatch(/^executor .*\nworker +[\d.]+ +[\d.]+ +[\d.]+ +\d+\n$/);
});
