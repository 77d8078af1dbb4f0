;; jco writes the exported instance as `const eval = …`, which strict mode forbids; it was reported as a crash.
(component
  (core module $m (func (export "poll") (result i32) i32.const 7))
  (core instance $i (instantiate $m))
  (func $poll (result u32) (canon lift (core func $i "poll")))
  (instance $logic (export "poll" (func $poll)))
  (export "test:test/eval" (instance $logic)))
