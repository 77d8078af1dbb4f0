;; Takes what the host passes: bytes, as `restore` does, and gives as many back as it says.
(component
  (core module $m
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
    (func (export "poll") (param i32 i32) (result i32)
      (i32.store (i32.const 0) (local.get 0)) (i32.store (i32.const 4) (local.get 1)) (i32.const 0)))
  (core instance $i (instantiate $m))
  (func $poll (param "bytes" (list u8)) (result (list u8))
    (canon lift (core func $i "poll") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
  (instance $logic (export "poll" (func $poll)))
  (export "test:test/logic" (instance $logic)))
