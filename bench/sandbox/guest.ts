import loadWabt from "wabt";

/**
 * A guest for Extism: it reads its input eight bytes at a time and gives it back, as guests written with a PDK do.
 * `copy` does so by way of its own memory, which is put back then. `spin` does not end.
 */
const ECHO = `(module
  (import "extism:host/env" "input_length" (func $length (result i64)))
  (import "extism:host/env" "input_load_u8" (func $load8 (param i64) (result i32)))
  (import "extism:host/env" "input_load_u64" (func $load (param i64) (result i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store8 (param i64 i32)))
  (import "extism:host/env" "store_u64" (func $store (param i64 i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (memory (export "memory") 1)
  (func (export "echo") (result i32) (local $n i64) (local $i i64) (local $out i64)
    (local.set $n (call $length))
    (local.set $out (call $alloc (local.get $n)))
    (block $words (loop $next
      (br_if $words (i64.gt_u (i64.add (local.get $i) (i64.const 8)) (local.get $n)))
      (call $store (i64.add (local.get $out) (local.get $i)) (call $load (local.get $i)))
      (local.set $i (i64.add (local.get $i) (i64.const 8)))
      (br $next)))
    (block $bytes (loop $next
      (br_if $bytes (i64.ge_u (local.get $i) (local.get $n)))
      (call $store8 (i64.add (local.get $out) (local.get $i)) (call $load8 (local.get $i)))
      (local.set $i (i64.add (local.get $i) (i64.const 1)))
      (br $next)))
    (call $output (local.get $out) (local.get $n))
    (i32.const 0))
@copy
  (func (export "spin") (result i32) (loop $again (br $again)) (i32.const 0)))`;

const COPY = `(func (export "copy") (result i32) (local $n i32) (local $i i32) (local $out i64)
    (local.set $n (i32.wrap_i64 (call $length)))
    (block $words (loop $next
      (br_if $words (i32.ge_u (local.get $i) (local.get $n)))
      (i64.store (local.get $i) (call $load (i64.extend_i32_u (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 8)))
      (br $next)))
    (local.set $out (call $alloc (call $length)))
    (local.set $i (i32.const 0))
    (block $words (loop $next
      (br_if $words (i32.gt_u (i32.add (local.get $i) (i32.const 8)) (local.get $n)))
      (call $store (i64.add (local.get $out) (i64.extend_i32_u (local.get $i))) (i64.load (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 8)))
      (br $next)))
    (call $output (local.get $out) (call $length))
    (i32.const 0))`;

/** @param writes whether it has `copy`: a guest whose code writes nothing has less to put back */
export async function echoGuest(writes = false): Promise<Uint8Array<ArrayBuffer>> {
  const wabt = await loadWabt();
  const module = wabt.parseWat("echo.wat", ECHO.replace("@copy", writes ? COPY : ""));
  const { buffer } = module.toBinary({});
  module.destroy();
  return new Uint8Array(buffer);
}

/** A JSON object of 1 KB, about. */
export const ONE_KB = {
  items: Array.from({ length: 16 }, (_, id) => ({
    id,
    name: `item number ${id}`,
    price: 9.5 * id,
    tags: ["a", "b"],
  })),
};
