;; A core module whose memory, data and export are its own: what may be stored without its data.
(module
  (memory (export "memory") 2 8)
  (func (export "poll") (result i32) (i32.load (i32.const 16)))
  (data (i32.const 16) "\01\02\03\04")
  (data (i32.const 65536) "second page"))
