;; The error side of a result, with a text.
(component
  (core module $m
    (memory (export "memory") 1)
    (data (i32.const 32) "the sensor is unplugged")
    (func (export "poll") (result i32)
      (i32.store8 (i32.const 0) (i32.const 1)) (i32.store (i32.const 4) (i32.const 32))
      (i32.store (i32.const 8) (i32.const 23)) (i32.const 0)))
  (core instance $i (instantiate $m))
  (func $poll (result (result u32 (error string)))
    (canon lift (core func $i "poll") (memory (core memory $i "memory"))))
  (instance $logic (export "poll" (func $poll)))
  (export "test:test/logic" (instance $logic)))
