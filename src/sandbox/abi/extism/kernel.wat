;; The memory between an Extism guest and the host: blocks that both can read and write, named by handles.
;; A module of its own, so that a guest reads its input without a call into JavaScript for every word of it.
;; Nothing here loops: each function costs the same whatever the guest does with it.
;;
;; Before each block: its capacity as a power of two (0: larger than a class), its length, and a mark.
;; At 0: where the output is, its length, and the block of the error, so that the host reads them as memory: a global
;; costs it more. At 16: for each power of two the first free block of that capacity. Blocks begin at 1024, and a guest
;; writes nowhere before.
(module
  (import "sluice" "memory" (memory 1 65536))
  ;; Behind the last block; what is there is zero.
  (global $top (mut i32) (i32.const 1024))
  (global $input (mut i32) (i32.const 0))
  (global $input_length (mut i32) (i32.const 0))

  ;; Forgets all blocks and wipes them, then makes one for the input. 0: there is no room for it.
  (func (export "begin") (param $length i32) (result i32)
    (memory.fill (i32.const 0) (i32.const 0) (global.get $top))
    (global.set $top (i32.const 1024))
    (global.set $input (call $take (local.get $length)))
    (global.set $input_length (select (local.get $length) (i32.const 0) (global.get $input)))
    (global.get $input))

  (func $take (export "take") (param $length i32) (result i32)
    (local $class i32) (local $size i32) (local $block i32) (local $end i32)
    (if (i32.or (i32.eqz (local.get $length)) (i32.gt_u (local.get $length) (i32.const 0x7fff0000)))
      (then (return (i32.const 0))))
    (local.set $size (i32.and (i32.add (local.get $length) (i32.const 15)) (i32.const -16)))
    (if (i32.le_u (local.get $length) (i32.const 65536))
      (then
        (local.set $class (i32.sub (i32.const 32) (i32.clz (i32.sub (local.get $size) (i32.const 1)))))
        (local.set $size (i32.shl (i32.const 1) (local.get $class)))
        (local.set $block (i32.load offset=16 (i32.shl (local.get $class) (i32.const 2))))
        ;; A guest may have written into a block that it had freed.
        (if (i32.and
              (i32.ge_u (local.get $block) (i32.const 1040))
              (i64.le_u
                (i64.add (i64.extend_i32_u (local.get $block)) (i64.extend_i32_u (local.get $size)))
                (i64.extend_i32_u (global.get $top))))
          (then
            (i32.store offset=16 (i32.shl (local.get $class) (i32.const 2)) (i32.load (local.get $block)))
            (i32.store (local.get $block) (i32.const 0))
            (i32.store offset=4 (i32.sub (local.get $block) (i32.const 16)) (local.get $length))
            (i32.store offset=8 (i32.sub (local.get $block) (i32.const 16)) (i32.const 0x6b636f6c))
            (return (local.get $block))))))
    (local.set $block (i32.add (global.get $top) (i32.const 16)))
    (local.set $end (i32.add (local.get $block) (local.get $size)))
    (if (i32.lt_u (local.get $end) (local.get $block)) (then (return (i32.const 0))))
    (if (i32.gt_u (local.get $end) (i32.shl (memory.size) (i32.const 16)))
      (then
        (if (i32.eq (i32.const -1)
              (memory.grow (i32.sub
                (i32.shr_u (i32.add (local.get $end) (i32.const 65535)) (i32.const 16))
                (memory.size))))
          (then (return (i32.const 0))))))
    (global.set $top (local.get $end))
    (i32.store (i32.sub (local.get $block) (i32.const 16)) (local.get $class))
    (i32.store offset=4 (i32.sub (local.get $block) (i32.const 16)) (local.get $length))
    (i32.store offset=8 (i32.sub (local.get $block) (i32.const 16)) (i32.const 0x6b636f6c))
    (local.get $block))

  ;; The length of a block, 0 where there is none.
  (func $measure (export "measure") (param $handle i64) (result i32)
    (local $header i32) (local $length i32)
    (if (i32.or
          (i64.lt_u (local.get $handle) (i64.const 1040))
          (i64.ge_u (local.get $handle) (i64.extend_i32_u (global.get $top))))
      (then (return (i32.const 0))))
    (local.set $header (i32.sub (i32.wrap_i64 (local.get $handle)) (i32.const 16)))
    (if (i32.ne (i32.load offset=8 (local.get $header)) (i32.const 0x6b636f6c))
      (then (return (i32.const 0))))
    ;; A guest may have written over it.
    (local.set $length (i32.load offset=4 (local.get $header)))
    (if (i64.gt_u
          (i64.add (local.get $handle) (i64.extend_i32_u (local.get $length)))
          (i64.extend_i32_u (global.get $top)))
      (then (return (i32.const 0))))
    (local.get $length))

  (func (export "alloc") (param $length i64) (result i64)
    (if (i64.gt_u (local.get $length) (i64.const 0x7fff0000)) (then (return (i64.const 0))))
    (i64.extend_i32_u (call $take (i32.wrap_i64 (local.get $length)))))

  (func (export "free") (param $handle i64)
    (local $block i32) (local $class i32)
    (if (i32.eqz (call $measure (local.get $handle))) (then (return)))
    (local.set $block (i32.wrap_i64 (local.get $handle)))
    (if (i32.eq (local.get $block) (global.get $input)) (then (global.set $input_length (i32.const 0))))
    (local.set $class (i32.load (i32.sub (local.get $block) (i32.const 16))))
    (i32.store offset=8 (i32.sub (local.get $block) (i32.const 16)) (i32.const 0))
    (if (i32.or
          (i32.lt_u (local.get $class) (i32.const 4))
          (i32.gt_u (local.get $class) (i32.const 16)))
      (then (return)))
    (i32.store (local.get $block) (i32.load offset=16 (i32.shl (local.get $class) (i32.const 2))))
    (i32.store offset=16 (i32.shl (local.get $class) (i32.const 2)) (local.get $block)))

  (func $length (export "length") (export "length_unsafe") (param $handle i64) (result i64)
    (i64.extend_i32_u (call $measure (local.get $handle))))

  (func $reads (param $at i64) (param $bytes i64) (result i32)
    (i64.le_u (local.get $at)
      (i64.sub (i64.extend_i32_u (global.get $top)) (local.get $bytes))))

  (func $writes (param $at i64) (param $bytes i64) (result i32)
    (i32.and
      (i64.ge_u (local.get $at) (i64.const 1040))
      (call $reads (local.get $at) (local.get $bytes))))

  (func (export "load_u8") (param $at i64) (result i32)
    (if (result i32) (call $reads (local.get $at) (i64.const 1))
      (then (i32.load8_u (i32.wrap_i64 (local.get $at))))
      (else (i32.const 0))))

  (func (export "load_u64") (param $at i64) (result i64)
    (if (result i64) (call $reads (local.get $at) (i64.const 8))
      (then (i64.load (i32.wrap_i64 (local.get $at))))
      (else (i64.const 0))))

  (func (export "store_u8") (param $at i64) (param $value i32)
    (if (call $writes (local.get $at) (i64.const 1))
      (then (i32.store8 (i32.wrap_i64 (local.get $at)) (local.get $value)))))

  (func (export "store_u64") (param $at i64) (param $value i64)
    (if (call $writes (local.get $at) (i64.const 8))
      (then (i64.store (i32.wrap_i64 (local.get $at)) (local.get $value)))))

  (func (export "input_offset") (result i64) (i64.extend_i32_u (global.get $input)))
  (func (export "input_length") (result i64) (i64.extend_i32_u (global.get $input_length)))

  (func (export "input_load_u8") (param $offset i64) (result i32)
    (if (result i32) (i64.lt_u (local.get $offset) (i64.extend_i32_u (global.get $input_length)))
      (then (i32.load8_u (i32.add (global.get $input) (i32.wrap_i64 (local.get $offset)))))
      (else (i32.const 0))))

  (func (export "input_load_u64") (param $offset i64) (result i64)
    (if (result i64)
      (i32.and
        (i32.ge_u (global.get $input_length) (i32.const 8))
        (i64.le_u (local.get $offset)
          (i64.sub (i64.extend_i32_u (global.get $input_length)) (i64.const 8))))
      (then (i64.load (i32.add (global.get $input) (i32.wrap_i64 (local.get $offset)))))
      (else (i64.const 0))))

  ;; What lies outside is no output: the last that was good stays.
  (func (export "output_set") (param $at i64) (param $length i64)
    (if (i64.gt_u (local.get $length) (i64.extend_i32_u (global.get $top))) (then (return)))
    (if (i32.eqz (call $reads (local.get $at) (local.get $length))) (then (return)))
    (i32.store offset=0 (i32.const 0) (i32.wrap_i64 (local.get $at)))
    (i32.store offset=4 (i32.const 0) (i32.wrap_i64 (local.get $length))))

  (func (export "output_offset") (result i64) (i64.load32_u offset=0 (i32.const 0)))
  (func (export "output_length") (result i64) (i64.load32_u offset=4 (i32.const 0)))

  (func (export "error_set") (param $handle i64)
    (i32.store offset=8 (i32.const 0)
      (select (i32.wrap_i64 (local.get $handle)) (i32.const 0) (call $measure (local.get $handle)))))

  (func (export "error_get") (result i64) (i64.load32_u offset=8 (i32.const 0)))
  (func (export "memory_bytes") (result i64) (i64.shl (i64.extend_i32_u (memory.size)) (i64.const 16)))
)
