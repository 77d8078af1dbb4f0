;; Calls what the host gives: a setting with its option of a text, an LED, a key of the state store.
(component
  (import "edge:plugin/led-controller@1.0.0" (instance $leds
    (export "set-led" (func (param "index" u8) (param "r" u8) (param "g" u8) (param "b" u8)))))
  (import "edge:plugin/settings@1.0.0" (instance $settings
    (export "get" (func (param "key" string) (result (option string))))))
  (import "edge:plugin/state-store@1.0.0" (instance $state
    (export "get" (func (param "key" string) (result (option (list u8)))))))
  (core module $libc
    (memory (export "memory") 1)
    (data (i32.const 8) "threshold")
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 2048)))
  (core instance $libc (instantiate $libc))
  (core func $led (canon lower (func $leds "set-led")))
  (core func $get (canon lower (func $settings "get")
    (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (core func $kept (canon lower (func $state "get")
    (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (core module $m
    (import "libc" "memory" (memory 1))
    (import "host" "set-led" (func $led (param i32 i32 i32 i32)))
    (import "host" "get" (func $get (param i32 i32 i32)))
    (import "host" "kept" (func $kept (param i32 i32 i32)))
    (func (export "poll") (result i32)
      (call $led (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4))
      (call $get (i32.const 8) (i32.const 9) (i32.const 64))
      (call $kept (i32.const 8) (i32.const 9) (i32.const 96))
      (i32.load (i32.const 64))))
  (core instance $i (instantiate $m
    (with "libc" (instance $libc))
    (with "host" (instance (export "set-led" (func $led)) (export "get" (func $get)) (export "kept" (func $kept))))))
  (func $poll (result u32) (canon lift (core func $i "poll")))
  (instance $logic (export "poll" (func $poll)))
  (export "edge:plugin/sensor-logic@1.0.0" (instance $logic)))
