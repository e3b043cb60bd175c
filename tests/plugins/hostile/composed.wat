;; A component of two, of which one calls the other with a text: what passes it has the memories of both.
;; `composed.wasm` is this, by `jco parse`; whoever changes one changes the other.
(component
  (component $a
    (core module $m
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 16)
      (func (export "f") (param i32 i32)))
    (core instance $i (instantiate $m))
    (func (export "f") (param "s" string) (canon lift (core func $i "f") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
  (component $b
    (import "f" (func $f (param "s" string)))
    (core module $mem (memory (export "memory") 1) (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 16))
    (core instance $memi (instantiate $mem))
    (core func $g (canon lower (func $f) (memory (core memory $memi "memory")) (realloc (core func $memi "realloc"))))
    (core module $m (import "" "f" (func $f (param i32 i32))) (func (export "g") i32.const 0 i32.const 0 call $f))
    (core instance $i (instantiate $m (with "" (instance (export "f" (func $g))))))
    (func (export "g") (canon lift (core func $i "g"))))
  (instance $ai (instantiate $a))
  (instance $bi (instantiate $b (with "f" (func $ai "f"))))
  (export "g" (func $bi "g")))
