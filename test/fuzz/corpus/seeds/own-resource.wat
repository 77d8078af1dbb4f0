;; Exports a resource of its own, with a constructor, a method and a destructor.
(component
  (core module $m
    (func (export "dtor") (param i32))
    (func (export "value") (param i32) (result i32) (local.get 0)))
  (core instance $i (instantiate $m))
  (type $thing (resource (rep i32) (dtor (core func $i "dtor"))))
  (core func $new (canon resource.new $thing))
  (core module $n
    (import "" "new" (func $new (param i32) (result i32)))
    (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
    (func (export "poll") (result i32) (call $new (i32.const 9))))
  (core instance $j (instantiate $n (with "" (instance (export "new" (func $new))))))
  (func $make (param "at" u32) (result (own $thing)) (canon lift (core func $j "make")))
  (func $value (param "self" (borrow $thing)) (result u32) (canon lift (core func $i "value")))
  (func $poll (result (own $thing)) (canon lift (core func $j "poll")))
  (component $shell
    (import "import-thing" (type $t (sub resource)))
    (import "make" (func $make (param "at" u32) (result (own $t))))
    (import "value" (func $value (param "self" (borrow $t)) (result u32)))
    (import "poll" (func $poll (result (own $t))))
    (export $t2 "thing" (type $t))
    (export "[constructor]thing" (func $make) (func (param "at" u32) (result (own $t2))))
    (export "[method]thing.value" (func $value) (func (param "self" (borrow $t2)) (result u32)))
    (export "poll" (func $poll) (func (result (own $t2)))))
  (instance $logic (instantiate $shell
    (with "import-thing" (type $thing)) (with "make" (func $make)) (with "value" (func $value))
    (with "poll" (func $poll))))
  (export "test:test/logic" (instance $logic)))
