import { describe, expect, test } from "bun:test";
import { kernelSource } from "../../../scripts/extism-kernel.ts";
import { extism } from "../../../src/sandbox/abi/extism/extism.ts";
import { Kernel } from "../../../src/sandbox/abi/extism/kernel.ts";
import { CapabilityDenied, GuestError } from "../../../src/sandbox/errors.ts";
import { compileAssemblyScript, compileC, FREESTANDING } from "../guests/toolchain.ts";
import { wat } from "../guests/wat.ts";
import { FakeGuest, fakeHost } from "./fake-guest.ts";

const PDK = "test/sandbox/guests/assembly/extism.ts";
const pdk = await compileAssemblyScript(PDK, ["--use", `abort=${PDK.slice(0, -3)}/abort`]);

function pdkGuest(options: Parameters<typeof fakeHost>[0] = {}) {
  const fake = fakeHost(options);
  return { ...fake, guest: new FakeGuest(pdk, extism, fake.host) };
}

describe("a guest written with the AssemblyScript PDK", () => {
  test("reads its input and sets its output, of any length", () => {
    const { guest } = pdkGuest();
    for (const length of [0, 1, 7, 8, 9, 1000, 65_536, 300_000]) {
      const input = Uint8Array.from({ length }, (_, index) => (index * 7) & 0xff);
      expect(guest.call("echo", input)).toEqual(input);
      guest.reset();
    }
    expect(guest.text("upper", "grüß dich".replace("ß", "s").replace("ü", "u"))).toBe("GRUS DICH");
  });

  test("takes plain data as JSON", () => {
    expect(pdkGuest().guest.text("echo", { a: [1, null] })).toBe('{"a":[1,null]}');
  });

  test("keeps variables until it is reset", () => {
    const { guest } = pdkGuest();
    expect([1, 2, 3].map(() => guest.text("count"))).toEqual(["1", "2", "3"]);
    expect(guest.text("forget")).toBe("gone");
    expect(guest.text("count")).toBe("1");
    guest.reset();
    expect(guest.text("count")).toBe("1");
  });

  test("is told its settings", () => {
    const { guest } = pdkGuest({ config: { mode: "prod" } });
    expect(guest.text("configured", "mode")).toBe("prod");
    expect(guest.text("configured", "Mode")).toBe("(none)");
  });

  test("logs from the level on that is wanted", () => {
    const { guest, logs } = pdkGuest();
    guest.call("logs");
    expect(logs).toEqual(["info: at info", "warn: at warn", "error: at error"]);
  });

  test("asks by HTTP", () => {
    const respond = () => ({
      status: 201,
      headers: [],
      body: new TextEncoder().encode("answered"),
    });
    const { guest, requests } = pdkGuest({ respond });
    const request = { url: "https://api.example/x", method: "post", headers: { A: "1" } };
    expect(guest.text("fetched", request)).toBe("answered");
    expect(requests).toEqual([
      {
        url: "https://api.example/x",
        method: "POST",
        headers: [["A", "1"]],
        body: new TextEncoder().encode("sent"),
      },
    ]);
  });

  test("ends with what it lacks, when it was not allowed", () => {
    const { guest } = pdkGuest();
    expect(() => guest.call("fetched", { url: "https://api.example/" })).toThrow(CapabilityDenied);
    expect(() => guest.call("fetched", "no json")).toThrow("no JSON");
    expect(() => guest.call("fetched", "{}")).toThrow("without a url");
  });

  test("traps where it aborts", () => {
    expect(() => pdkGuest().guest.call("throws")).toThrow(WebAssembly.RuntimeError);
  });

  test("fails with its own words", () => {
    const { guest } = pdkGuest();
    expect(() => guest.call("fails")).toThrow(new GuestError("no such order"));
    expect(() => guest.call("failsWithout")).toThrow("failsWithout gave 7");
    expect(() => guest.call("missing")).toThrow(/no function "missing": it exports .*echo/);
    // What an error left does not make the next call fail.
    expect(guest.text("echo", "a")).toBe("a");
  });
});

test("a guest in C by the declarations of the C PDK", () => {
  const text = `
    typedef unsigned long long u64;
    #define IMPORT(name) __attribute__((import_module("extism:host/env"), import_name(name)))
    IMPORT("input_length") u64 input_length(void);
    IMPORT("input_offset") u64 input_offset(void);
    IMPORT("load_u8") unsigned char load_u8(u64);
    IMPORT("length_unsafe") u64 length_unsafe(u64);
    IMPORT("alloc") u64 alloc(u64);
    IMPORT("store_u8") void store_u8(u64, unsigned char);
    IMPORT("output_set") void output_set(u64, u64);
    __attribute__((export_name("reverse"))) int reverse(void) {
      u64 length = input_length(), input = input_offset();
      if (length_unsafe(input) != length) return 1;
      u64 out = alloc(length);
      for (u64 i = 0; i < length; i++) store_u8(out + i, load_u8(input + length - 1 - i));
      output_set(out, length);
      return 0;
    }`;
  const guest = new FakeGuest(compileC({ text }, FREESTANDING), extism, fakeHost().host);
  expect(guest.text("reverse", "abcdef")).toBe("fedcba");
});

/** A guest whose `run` is `body`, with each function of the host that can be imported. */
function watGuest(body: string, fake = fakeHost()): FakeGuest {
  const bytes = wat(`(module
    (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
    (import "extism:host/env" "free" (func $free (param i64)))
    (import "extism:host/env" "length" (func $length (param i64) (result i64)))
    (import "extism:host/env" "length_unsafe" (func $length_unsafe (param i64) (result i64)))
    (import "extism:host/env" "load_u8" (func $load_u8 (param i64) (result i32)))
    (import "extism:host/env" "load_u64" (func $load_u64 (param i64) (result i64)))
    (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
    (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
    (import "extism:host/env" "input_offset" (func $input_offset (result i64)))
    (import "extism:host/env" "input_length" (func $input_length (result i64)))
    (import "extism:host/env" "input_load_u8" (func $input_load_u8 (param i64) (result i32)))
    (import "extism:host/env" "input_load_u64" (func $input_load_u64 (param i64) (result i64)))
    (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
    (import "extism:host/env" "output_offset" (func $output_offset (result i64)))
    (import "extism:host/env" "output_length" (func $output_length (result i64)))
    (import "extism:host/env" "error_set" (func $error_set (param i64)))
    (import "extism:host/env" "error_get" (func $error_get (result i64)))
    (import "extism:host/env" "memory_bytes" (func $memory_bytes (result i64)))
    (import "extism:host/env" "config_get" (func $config_get (param i64) (result i64)))
    (import "extism:host/env" "var_get" (func $var_get (param i64) (result i64)))
    (import "extism:host/env" "var_set" (func $var_set (param i64 i64)))
    (import "extism:host/env" "http_request" (func $http_request (param i64 i64) (result i64)))
    (import "extism:host/env" "http_status_code" (func $http_status_code (result i32)))
    (import "extism:host/env" "http_headers" (func $http_headers (result i64)))
    (import "extism:host/env" "log_trace" (func $log_trace (param i64)))
    (import "extism:host/env" "get_log_level" (func $get_log_level (result i32)))
    (memory (export "memory") 1)
    (func $whole (param $handle i64)
      (call $output_set (local.get $handle) (call $length (local.get $handle))))
    ;; The number as the output, in eight bytes.
    (func $answer (param $value i64) (local $out i64)
      (local.set $out (call $alloc (i64.const 8)))
      (call $store_u64 (local.get $out) (local.get $value))
      (call $output_set (local.get $out) (i64.const 8)))
    (func (export "run") (result i32) (local $a i64) (local $b i64)
      ${body}
      (i32.const 0)))`);
  return new FakeGuest(bytes, extism, fake.host);
}

/** What `run` gives by `$answer`. */
function answerOf(body: string, input = "0123456789", fake = fakeHost()): bigint {
  const output = watGuest(body, fake).call("run", input) as Uint8Array;
  return new DataView(output.buffer, output.byteOffset).getBigUint64(0, true);
}

const ABOVE = "(i64.const 0xffffffff0)";

describe("each function of the kernel", () => {
  test.each([
    ["input_length", "(call $answer (call $input_length))", 10n],
    ["input_offset", "(call $answer (call $length (call $input_offset)))", 10n],
    [
      "input_load_u8",
      "(call $answer (i64.extend_i32_u (call $input_load_u8 (i64.const 9))))",
      0x39n,
    ],
    [
      "input_load_u8 behind",
      "(call $answer (i64.extend_i32_u (call $input_load_u8 (i64.const 10))))",
      0n,
    ],
    ["input_load_u64", "(call $answer (call $input_load_u64 (i64.const 2)))", 0x3938373635343332n],
    ["input_load_u64 behind", "(call $answer (call $input_load_u64 (i64.const 3)))", 0n],
    ["length", "(call $answer (call $length (call $alloc (i64.const 100))))", 100n],
    ["length_unsafe", "(call $answer (call $length_unsafe (call $alloc (i64.const 100))))", 100n],
    ["length of nothing", "(call $answer (call $length (i64.const 5000)))", 0n],
    ["length far outside", `(call $answer (call $length ${ABOVE}))`, 0n],
    [
      "length inside of a block",
      "(call $answer (call $length (i64.add (call $input_offset) (i64.const 1))))",
      0n,
    ],
    ["alloc of nothing", "(call $answer (call $alloc (i64.const 0)))", 0n],
    ["alloc of too much", "(call $answer (call $alloc (i64.const 0x7fffffff)))", 0n],
    ["alloc of far too much", `(call $answer (call $alloc ${ABOVE}))`, 0n],
    ["load_u8", "(call $answer (i64.extend_i32_u (call $load_u8 (call $input_offset))))", 0x30n],
    ["load_u8 outside", `(call $answer (i64.extend_i32_u (call $load_u8 ${ABOVE})))`, 0n],
    ["load_u64", "(call $answer (call $load_u64 (call $input_offset)))", 0x3736353433323130n],
    ["load_u64 outside", `(call $answer (call $load_u64 ${ABOVE}))`, 0n],
    ["load_u64 at the last number", "(call $answer (call $load_u64 (i64.const -1)))", 0n],
    [
      "store_u8",
      "(call $store_u8 (call $input_offset) (i32.const 0x41)) (call $answer (call $input_load_u64 (i64.const 0)))",
      0x3736353433323141n,
    ],
    [
      "store_u8 outside",
      `(call $store_u8 ${ABOVE} (i32.const 1)) (call $store_u8 (i64.const 16) (i32.const 1)) (call $answer (call $load_u64 (i64.const 16)))`,
      0n,
    ],
    [
      "store_u64",
      "(call $store_u64 (call $input_offset) (i64.const 258)) (call $answer (call $input_load_u64 (i64.const 0)))",
      258n,
    ],
    [
      "store_u64 outside",
      `(call $store_u64 ${ABOVE} (i64.const 1)) (call $store_u64 (i64.const 64) (i64.const 1)) (call $answer (call $load_u64 (i64.const 64)))`,
      0n,
    ],
    [
      "free gives the block back",
      "(local.set $a (call $alloc (i64.const 40))) (call $free (local.get $a)) (call $answer (i64.extend_i32_u (i64.eq (local.get $a) (call $alloc (i64.const 60)))))",
      1n,
    ],
    [
      "free takes the handle away",
      "(local.set $a (call $alloc (i64.const 40))) (call $free (local.get $a)) (call $free (local.get $a)) (call $answer (call $length (local.get $a)))",
      0n,
    ],
    [
      "free of the input",
      "(call $free (call $input_offset)) (call $answer (call $input_length))",
      0n,
    ],
    [
      "free of what is none",
      `(call $free ${ABOVE}) (call $free (i64.const 3)) (call $answer (i64.const 1))`,
      1n,
    ],
    [
      "a freed block that was written to",
      "(local.set $a (call $alloc (i64.const 40))) (call $free (local.get $a)) (call $store_u64 (local.get $a) (i64.const 0xfffffff0)) (drop (call $alloc (i64.const 40))) (local.set $b (call $alloc (i64.const 40))) (call $answer (call $length (local.get $b)))",
      40n,
    ],
    [
      "output_offset",
      "(local.set $a (call $alloc (i64.const 4))) (call $output_set (local.get $a) (i64.const 4)) (call $answer (i64.extend_i32_u (i64.eq (local.get $a) (call $output_offset))))",
      1n,
    ],
    [
      "output_length",
      "(call $output_set (call $input_offset) (i64.const 3)) (call $answer (call $output_length))",
      3n,
    ],
    [
      "output_set outside",
      `(call $output_set (call $input_offset) (i64.const 3)) (call $output_set ${ABOVE} (i64.const 9)) (call $output_set (call $input_offset) ${ABOVE}) (call $answer (call $output_length))`,
      3n,
    ],
    [
      "error_set to nothing",
      "(call $error_set (call $input_offset)) (call $error_set (i64.const 0)) (call $answer (call $error_get))",
      0n,
    ],
    ["memory_bytes", "(call $answer (call $memory_bytes))", 65_536n],
    ["get_log_level", "(call $answer (i64.extend_i32_u (call $get_log_level)))", 2n],
  ])("%s", (_name, body, expected) => {
    expect(answerOf(body)).toBe(expected);
  });

  test("error_set fails the call with its text, whatever it gives", () => {
    const guest = watGuest("(call $error_set (call $input_offset))");
    expect(() => guest.call("run", "out of stock")).toThrow(new GuestError("out of stock"));
  });

  test("http_status_code and http_headers tell of the last answer", () => {
    const respond = () => ({
      status: 207,
      headers: [
        ["X-A", "1"],
        ["x-a", "2"],
      ] as const,
      body: new Uint8Array(0),
    });
    const body = "(drop (call $http_request (call $input_offset) (i64.const 0)))";
    const fake = fakeHost({ respond });
    const request = '{"url":"https://a.example/"}';
    expect(
      answerOf(`${body} (call $answer (i64.extend_i32_u (call $http_status_code)))`, request, fake),
    ).toBe(207n);
    expect(watGuest(`${body} (call $whole (call $http_headers))`, fake).text("run", request)).toBe(
      '{"x-a":"1, 2"}',
    );
    expect(answerOf("(call $answer (i64.extend_i32_u (call $http_status_code)))")).toBe(0n);
  });

  test.each([
    ["config_get", `(drop (call $config_get ${ABOVE}))`],
    ["var_get", `(drop (call $var_get ${ABOVE}))`],
    ["var_set", `(call $var_set ${ABOVE} (i64.const 0))`],
    ["var_set", `(call $var_set (call $input_offset) ${ABOVE})`],
    ["http_request", `(drop (call $http_request ${ABOVE} (i64.const 0)))`],
    ["http_request", `(drop (call $http_request (call $input_offset) ${ABOVE}))`],
  ])("%s with a handle of no block ends the call", (_name, body) => {
    expect(() => watGuest(body).call("run", "{}")).toThrow("of no block");
  });

  test("log_trace with a handle of no block is nothing when nobody listens", () => {
    expect(answerOf(`(call $log_trace ${ABOVE}) (call $answer (i64.const 1))`)).toBe(1n);
  });

  test("variables have a limit, and are as they were when it is met", () => {
    const guest = watGuest(`
      (local.set $a (call $alloc (i64.const 1048576)))
      (call $var_set (call $input_offset) (local.get $a))`);
    expect(() => guest.call("run", "name")).toThrow('no room for the variable "name"');
  });
});

describe("the kernel", () => {
  test("is what its text says", async () => {
    const file = new URL("../../../src/sandbox/abi/extism/kernel-bytes.ts", import.meta.url);
    expect(await Bun.file(file).text()).toBe(await kernelSource());
  });

  test("refuses what is over its limit, and has room again", () => {
    const kernel = new Kernel(256 * 1024);
    expect(kernel.begin(new Uint8Array(300 * 1024))).toBe(false);
    expect(kernel.begin(new Uint8Array(200 * 1024))).toBe(true);
    expect(kernel.put(new Uint8Array(100 * 1024))).toBe(0n);
    expect(kernel.begin(new Uint8Array(0))).toBe(true);
    expect(kernel.put(new Uint8Array(100 * 1024))).not.toBe(0n);
  });

  test("leaves no byte of a call to the next", () => {
    const secret = new TextEncoder().encode("secret".repeat(1000));
    const guest = watGuest(
      "(drop (call $alloc (i64.const 5000))) (call $whole (call $input_offset))",
    );
    guest.call("run", secret);
    guest.reset();
    guest.call("run", "");
    // A block as large as all that the first call had, of which nothing was written.
    const { kernel } = guest.scratch as { kernel: Kernel };
    const alloc = kernel.functions["alloc"] as unknown as (length: bigint) => bigint;
    const block = kernel.block(alloc(20_000n));
    expect(block?.byteLength).toBe(20_000);
    expect(block?.some((byte) => byte !== 0)).toBe(false);
  });
});
