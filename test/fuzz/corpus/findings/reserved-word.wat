;; jco writes the exported function as `arguments`, which strict mode forbids; it was taken for a crash, and tried again.
(component
  (core module $m (func (export "poll") (result i32) i32.const 7))
  (core instance $i (instantiate $m))
  (func $poll (result u32) (canon lift (core func $i "poll")))
  (instance $logic (export "arguments" (func $poll)))
  (export "test:test/logic" (instance $logic)))
