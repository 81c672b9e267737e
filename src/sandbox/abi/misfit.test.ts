import { describe, expect, test } from "bun:test";
import { wat } from "../../../test/sandbox/guests/wat.ts";
import { inspect } from "../module/inspect.ts";
import type { AbiName, Guest } from "./abi.ts";
import { abis } from "./abis.ts";
import { hostFunctions } from "./host-signatures.ts";
import { misfit } from "./misfit.ts";

const of = (text: string, abi: AbiName): string | undefined => misfit(inspect(wat(text)), abi);

/** A guest that is never run: linking it only names what there is. */
const nobody = {
  exports: {},
  host: { env: new Map(), config: new Map(), files: { preopens: [] } },
  limits: { memoryBytes: 65_536, outputBytes: 65_536 },
  scratch: undefined,
  common: { scratch: undefined },
} as unknown as Guest;

test.each(abis.map((abi) => [abi.name, abi] as const))("%s links what is listed", (_, abi) => {
  for (const [module, functions] of Object.entries(abi.link(nobody))) {
    expect(Object.keys(functions).toSorted()).toEqual(
      [...(hostFunctions.get(module)?.keys() ?? [])].toSorted(),
    );
  }
});

describe("a module that does not fit its ABI", () => {
  test("imports what there is not", () => {
    const text = `(module
      (import "http_handler" "get_url" (func (param i32 i32) (result i32)))
      (import "extism:host/env" "alloc" (func (param i64) (result i64))))`;
    expect(of(text, "http-wasm")).toBe(
      'the module imports http_handler.get_url, extism:host/env.alloc, which the ABI "http-wasm" does not have',
    );
  });

  test("has an entry of another type", () => {
    const text = `(module (func (export "handle_request") (result i32) i32.const 1))`;
    expect(of(text, "http-wasm")).toBe(
      'handle_request must be () -> i64 in the ABI "http-wasm", not () -> i32',
    );
    expect(of(text, "plain")).toBeUndefined();
    expect(of(`(module (func (export "_start") (param i32)))`, "wasi")).toContain(
      "_start must be ()",
    );
  });

  test("and one that does", () => {
    const text = `(module
      (import "http_handler" "get_uri" (func (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "random_get" (func (param i32 i32) (result i32)))
      (func (export "handle_request") (result i64) i64.const 1)
      (func (export "handle_response") (param i32 i32)))`;
    expect(of(text, "http-wasm")).toBeUndefined();
  });
});
