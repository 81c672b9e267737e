/** Imports a shape wants from its host. */
const HOST_CALL = `(import "host" "call" (func $host))`;

/** A guest that never ends by itself. */
export interface EndlessGuest {
  /** What keeps it going, in words. */
  readonly name: string;
  /** WebAssembly text. Its export `run` takes and gives nothing, and does not return. */
  readonly text: string;
  /** Whether its start function already does not return; `run` is not there then. */
  readonly start?: true;
  /** Whether it imports `host.call`, a function that takes and gives nothing. */
  readonly host?: true;
  /** Whether it may also end in an error by itself, as one that recurses does. */
  readonly mayTrap?: true;
}

/** A module whose `run` has this code. */
function run(code: string, ...fields: readonly string[]): string {
  return `(module ${fields.join("\n")} (func (export "run") ${code}))`;
}

const MEMORY = "(memory 16)";

/** Guests of many shapes that only a limit stops. */
export const endlessGuests: readonly EndlessGuest[] = [
  { name: "tight loop", text: run("(loop (br 0))") },
  { name: "loop under a condition", text: run("(loop (br_if 0 (i32.const 1)))") },
  {
    name: "loop that counts in a local",
    text: run("(local i64) (loop (local.set 0 (i64.add (local.get 0) (i64.const 1))) (br 0))"),
  },
  {
    name: "loops within loops",
    text: run("(loop (loop (loop (br_if 0 (i32.const 0))) (br_if 0 (i32.const 0))) (br 0))"),
  },
  {
    name: "inner loop left to the outer header",
    text: run("(loop (loop (br 1)))"),
  },
  {
    name: "two loops after one another, the second going back to neither",
    text: run("(loop (br_if 0 (i32.const 0))) (block (loop (block (br 1))))"),
  },
  {
    name: "br_table",
    text: run(
      "(local i32) (loop (block (block (br_table 0 1 2 (i32.and (local.get 0) (i32.const 3)))) (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br 1)) (local.set 0 (i32.const 0)) (br 0))",
    ),
  },
  {
    name: "dispatch as an interpreter does it",
    text: run(
      `(local $pc i32) (loop $next
        (block $a (block $b (block $c (br_table $a $b $c (i32.rem_u (local.get $pc) (i32.const 3)))) (local.set $pc (i32.add (local.get $pc) (i32.const 2))) (br $next))
        (local.set $pc (i32.add (local.get $pc) (i32.const 1))) (br $next))
        (local.set $pc (i32.add (local.get $pc) (i32.const 4))) (br $next))`,
    ),
  },
  {
    name: "loop with parameters",
    text: run("(i32.const 0) (loop (param i32) (i32.add (i32.const 1)) (br 0)) unreachable"),
  },
  {
    name: "loop that calls a small function",
    text: run("(loop (call $f) (br 0))", "(func $f (nop))"),
  },
  {
    name: "loop with a host call",
    text: run("(loop (call $host) (br 0))", HOST_CALL),
    host: true,
  },
  {
    name: "indirect calls",
    text: run("(loop (call_indirect (i32.const 0)) (br 0))", "(table funcref (elem $f)) (func $f)"),
  },
  {
    name: "tail call of itself",
    text: `(module (func $run (export "run") (return_call $run)))`,
  },
  {
    name: "mutual tail calls through a table",
    text: `(module (type $t (func)) (table funcref (elem $a $b))
      (func $a (export "run") (return_call_indirect (type $t) (i32.const 1)))
      (func $b (return_call $a)))`,
  },
  {
    name: "mutual recursion, twice each, ended only by depth",
    text: `(module
      (func $a (export "run") (call $down (i32.const 400)))
      (func $down (param i32)
        (if (i32.eqz (local.get 0)) (then (return)))
        (call $up (i32.sub (local.get 0) (i32.const 1)))
        (call $up (i32.sub (local.get 0) (i32.const 1))))
      (func $up (param i32) (call $down (local.get 0)) (call $down (local.get 0))))`,
  },
  {
    name: "recursion without end, begun again and again",
    text: `(module
      (func $run (export "run") (loop (call $deep (i32.const 200)) (br 0)))
      (func $deep (param i32)
        (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1)))))))`,
  },
  {
    name: "recursion",
    text: `(module (func $run (export "run") (call $run) (call $run)))`,
    mayTrap: true,
  },
  {
    name: "memory.fill of all memory",
    text: run(
      "(loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 1048576)) (br 0))",
      MEMORY,
    ),
  },
  {
    name: "memory.copy that overlaps",
    text: run(
      "(loop (memory.copy (i32.const 0) (i32.const 3) (i32.const 1000000)) (memory.copy (i32.const 3) (i32.const 0) (i32.const 1000000)) (br 0))",
      MEMORY,
    ),
  },
  {
    name: "memory.init",
    text: run(
      "(loop (memory.init $d (i32.const 0) (i32.const 0) (i32.const 4096)) (br 0))",
      MEMORY,
      `(data $d "${"x".repeat(4096)}")`,
    ),
  },
  {
    name: "table operations",
    text: run(
      "(loop (table.fill $t (i32.const 0) (ref.func $f) (i32.const 9000)) (table.copy (i32.const 0) (i32.const 1) (i32.const 8999)) (br 0))",
      "(table $t 10000 funcref) (elem declare func $f) (func $f)",
    ),
  },
  {
    name: "memory.grow that always fails",
    text: run("(loop (drop (memory.grow (i32.const 65536))) (br 0))", MEMORY),
  },
  {
    name: "table.grow that always fails",
    text: run(
      "(loop (drop (table.grow (ref.null func) (i32.const 1000000))) (br 0))",
      "(table 1 10 funcref)",
    ),
  },
  {
    name: "loads that miss every cache",
    text: run(
      "(local i32) (loop (local.set 0 (i32.add (i32.load (i32.and (local.get 0) (i32.const 0xffffc))) (i32.add (local.get 0) (i32.const 4099)))) (br 0))",
      MEMORY,
    ),
  },
  {
    name: "stores to one place",
    text: run(
      "(loop (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1))) (br 0))",
      MEMORY,
    ),
  },
  {
    name: "division",
    text: run(
      "(local i64) (local.set 0 (i64.const -1)) (loop (local.set 0 (i64.rem_u (i64.const -3) (i64.or (local.get 0) (i64.const 1)))) (br 0))",
    ),
  },
  {
    name: "vectors",
    text: run(
      "(local v128) (loop (local.set 0 (i32x4.add (local.get 0) (i32x4.splat (i32.const 1)))) (br_if 0 (i32.const 1)))",
    ),
  },
  {
    name: "floating point that does not converge",
    text: run(
      "(local f64) (loop (local.set 0 (f64.sqrt (f64.add (local.get 0) (f64.const 2)))) (br_if 0 (f64.lt (local.get 0) (f64.const 3))))",
    ),
  },
  {
    name: "both arms of an if",
    text: run(
      "(local i32) (loop (if (i32.and (local.get 0) (i32.const 1)) (then (local.set 0 (i32.const 2)) (br 1)) (else (local.set 0 (i32.const 1)) (br 1))))",
    ),
  },
  {
    name: "a long loop body",
    text: run(
      `(local i32) (loop ${"(local.set 0 (i32.mul (local.get 0) (i32.const 3)))".repeat(3000)} (br 0))`,
    ),
  },
  {
    name: "many locals set to zero by every call",
    text: run("(loop (call $f) (br 0))", `(func $f (local ${"i64 ".repeat(5000)}))`),
  },
  {
    name: "start function",
    text: "(module (func $begin (loop (br 0))) (start $begin))",
    start: true,
  },
  {
    name: "start function that calls the host",
    text: `(module ${HOST_CALL} (func $begin (loop (call $host) (br 0))) (start $begin))`,
    host: true,
    start: true,
  },
];

/** One that catches everything, traps by the host among it, were it let in: exception handling is refused. */
export const catchesEverything = `(module
  (import "host" "call" (func $host))
  (func (export "run") (loop (try (do (loop (call $host) (br 0))) (catch_all)) (br 0))))`;
