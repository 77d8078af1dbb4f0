;; The byte order mark before a core export's name was not part of the name that was checked.
(component
  (core module $m (func (export "\ef\bb\bfpoll") (result i32) i32.const 7))
  (core instance $i (instantiate $m))
  (func $poll (result u32) (canon lift (core func $i "\ef\bb\bfpoll")))
  (instance $logic (export "poll" (func $poll)))
  (export "test:test/logic" (instance $logic)))
