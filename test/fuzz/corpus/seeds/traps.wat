;; Traps at its first call, and is lost with it.
(component
  (core module $m (func (export "poll") (result i32) (unreachable)))
  (core instance $i (instantiate $m))
  (func $poll (result u32) (canon lift (core func $i "poll")))
  (instance $logic (export "poll" (func $poll)))
  (export "test:test/logic" (instance $logic)))
