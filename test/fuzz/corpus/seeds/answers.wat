;; The least there is: one function that answers a number.
(component
  (core module $m (func (export "poll") (result i32) i32.const 7))
  (core instance $i (instantiate $m))
  (func $poll (result u32) (canon lift (core func $i "poll")))
  (instance $logic (export "poll" (func $poll)))
  (export "test:test/logic" (instance $logic)))
