;; Components within components, instances that are handed on, a shared memory, a table, globals and a start function.
(component
  (component $inner
    (core module $a (memory (export "memory") 1) (global (export "base") i32 (i32.const 3)) (table (export "t") 2 4 funcref))
    (core module $b
      (import "a" "memory" (memory 1))
      (import "a" "base" (global $base i32))
      (import "a" "t" (table $t 2 funcref))
      (elem (table $t) (i32.const 0) func $f)
      (type $r (func (result i32)))
      (global $started (mut i32) (i32.const 0))
      (func $start (global.set $started (i32.const 1)))
      (start $start)
      (func $f (result i32) (i32.add (global.get $base) (global.get $started)))
      (func (export "poll") (result i32) (call_indirect $t (type $r) (i32.const 0))))
    (core instance $a (instantiate $a))
    (core instance $b (instantiate $b (with "a" (instance $a))))
    (func (export "poll") (result u32) (canon lift (core func $b "poll"))))
  (instance $one (instantiate $inner))
  (component $outer
    (import "poll" (func $poll (result u32)))
    (export "poll" (func $poll)))
  (instance $two (instantiate $outer (with "poll" (func $one "poll"))))
  (instance $logic (export "poll" (func $two "poll")))
  (export "test:test/logic" (instance $logic)))
