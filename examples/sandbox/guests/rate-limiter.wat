;; At most so many requests a minute from each address, counted in the sandbox's store. The module's setting is the
;; number, such as "60".
(module
  (import "http_handler" "get_config" (func $get_config (param i32 i32) (result i32)))
  (import "http_handler" "get_source_addr" (func $get_source_addr (param i32 i32) (result i32)))
  (import "http_handler" "set_status_code" (func $set_status_code (param i32)))
  (import "http_handler" "set_header_value" (func $set_header_value (param i32 i32 i32 i32 i32)))
  (import "http_handler" "write_body" (func $write_body (param i32 i32 i32)))
  (import "key_value" "increment" (func $increment (param i32 i32 i64 i64) (result i64)))
  (memory (export "memory") 1)
  (data (i32.const 0) "retry-after60content-typetext/plain")
  (data (i32.const 64) "too many requests: wait a minute\n")
  (global $buf i32 (i32.const 256))

  ;; The decimal number in the setting; a setting that is none stops everything.
  (func $limit (result i64) (local $length i32) (local $i i32) (local $digit i32) (local $n i64)
    (local.set $length (call $get_config (global.get $buf) (i32.const 16)))
    (if (i32.or (i32.eqz (local.get $length)) (i32.gt_u (local.get $length) (i32.const 16)))
      (then unreachable))
    (loop $next
      (local.set $digit
        (i32.sub
          (i32.load8_u (i32.add (global.get $buf) (local.get $i)))
          (i32.const 48)))
      (if (i32.gt_u (local.get $digit) (i32.const 9)) (then unreachable))
      (local.set $n
        (i64.add
          (i64.mul (local.get $n) (i64.const 10))
          (i64.extend_i32_u (local.get $digit))))
      (br_if $next
        (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 1)))
          (local.get $length))))
    (local.get $n))

  ;; How long the address is without its port.
  (func $address (result i32) (local $at i32)
    (local.set $at (call $get_source_addr (global.get $buf) (i32.const 256)))
    (if (i32.gt_u (local.get $at) (i32.const 256)) (then unreachable))
    (loop $back
      (if (i32.eqz (local.get $at)) (then unreachable))
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (br_if $back
        (i32.ne
          (i32.load8_u (i32.add (global.get $buf) (local.get $at)))
          (i32.const 58))))
    (local.get $at))

  (func (export "handle_request") (result i64) (local $limit i64)
    (local.set $limit (call $limit))
    (if
      (i64.le_s
        (call $increment (global.get $buf) (call $address) (i64.const 1) (i64.const 60000))
        (local.get $limit))
      (then (return (i64.const 1))))
    (call $set_status_code (i32.const 429))
    (call $set_header_value
      (i32.const 1) (i32.const 0) (i32.const 11) (i32.const 11) (i32.const 2))
    (call $set_header_value
      (i32.const 1) (i32.const 13) (i32.const 12) (i32.const 25) (i32.const 10))
    (call $write_body (i32.const 1) (i32.const 64) (i32.const 33))
    (i64.const 0))

  (func (export "handle_response") (param i32 i32)))
