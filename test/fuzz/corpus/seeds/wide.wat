;; The rest of the types: tuples, chars, every width of number, results within options, lists of lists.
(component
  (core module $m
    (memory (export "memory") 1)
    (func (export "poll") (result i32)
      (i32.store (i32.const 0) (i32.const 32)) (i32.store (i32.const 4) (i32.const 1)) (i32.store (i32.const 44) (i32.const 0x41))
      (i32.const 0)))
  (core instance $i (instantiate $m))
  (type $all (tuple u8 s8 u16 s16 s32 char bool u64 s64 f32 (option (result u32 (error char))) (list (list string))))
  (func $poll (result (list $all)) (canon lift (core func $i "poll") (memory (core memory $i "memory"))))
  (instance $logic (export "poll" (func $poll)))
  (export "test:test/logic" (instance $logic)))
