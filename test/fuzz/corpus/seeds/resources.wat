;; Takes a stream of the host, an owned and a borrowed handle, and drops it.
(component
  (import "wasi:io/streams@0.2.0" (instance $streams
    (export "output-stream" (type $stream (sub resource)))
    (export "[method]output-stream.check-write" (func (param "self" (borrow $stream)) (result u64)))))
  (alias export $streams "output-stream" (type $stream))
  (import "wasi:cli/stdout@0.2.0" (instance $stdout
    (alias outer 1 $stream (type $s))
    (export "output-stream" (type $stream2 (eq $s)))
    (export "get-stdout" (func (result (own $stream2))))))
  (core func $get (canon lower (func $stdout "get-stdout")))
  (core func $drop (canon resource.drop $stream))
  (core func $check (canon lower (func $streams "[method]output-stream.check-write")))
  (core module $m
    (import "" "get" (func $get (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (import "" "check" (func $check (param i32) (result i64)))
    (func (export "poll") (result i64) (local $h i32) (local $n i64)
      (local.set $h (call $get)) (local.set $n (call $check (local.get $h))) (call $drop (local.get $h))
      (local.get $n)))
  (core instance $i (instantiate $m
    (with "" (instance (export "get" (func $get)) (export "drop" (func $drop)) (export "check" (func $check))))))
  (func $poll (result u64) (canon lift (core func $i "poll")))
  (instance $logic (export "poll" (func $poll)))
  (export "test:test/logic" (instance $logic)))
