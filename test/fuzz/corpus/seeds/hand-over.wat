;; Two exported interfaces, one of which hands its state over, and calls of one import from both.
(component
  (import "edge:plugin/settings@1.0.0" (instance $settings
    (export "get" (func (param "key" string) (result (option string))))))
  (core module $libc
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096)))
  (core instance $libc (instantiate $libc))
  (core func $get (canon lower (func $settings "get")
    (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (core module $m
    (import "libc" "memory" (memory 1))
    (import "host" "get" (func $get (param i32 i32 i32)))
    (global $kept (mut i32) (i32.const 0))
    (func (export "poll") (result i32) (call $get (i32.const 0) (i32.const 0) (i32.const 64)) (global.get $kept))
    (func (export "save") (result i32)
      (i32.store (i32.const 16) (i32.const 32)) (i32.store (i32.const 20) (i32.const 4)) (i32.const 16))
    (func (export "restore") (param i32 i32) (call $get (i32.const 0) (i32.const 0) (i32.const 64))
      (global.set $kept (i32.load (local.get 0)))))
  (core instance $i (instantiate $m
    (with "libc" (instance $libc)) (with "host" (instance (export "get" (func $get))))))
  (func $poll (result u32) (canon lift (core func $i "poll")))
  (func $save (result (list u8)) (canon lift (core func $i "save") (memory (core memory $libc "memory"))))
  (func $restore (param "state" (list u8))
    (canon lift (core func $i "restore") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (instance $logic (export "poll" (func $poll)))
  (instance $over (export "save" (func $save)) (export "restore" (func $restore)))
  (export "edge:plugin/sensor-logic@1.0.0" (instance $logic))
  (export "edge:plugin/hand-over@1.0.0" (instance $over)))
