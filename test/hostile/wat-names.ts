/** Components whose names are code, one for every place that holds a name. */
import { fromText } from '../wasm/components';
import { around } from './around';
import { exported, liftedSensor, POLL, quoted } from './wat';

/** A plugin that works but for what `inside` adds to its component. */
export function beside(inside: string): Promise<Uint8Array> {
  return around('', inside);
}

/** By the place the name takes. */
export const NAMED: Readonly<Record<string, (name: string) => Promise<Uint8Array>>> = {
  'a core import module': (name) =>
    fromText(`(component
      (core module $dep (func (export "f"))) (core instance $d (instantiate $dep))
      (core module $m (import ${quoted(name)} "f" (func)) ${POLL})
      (core instance $i (instantiate $m (with ${quoted(name)} (instance $d))))
      (func $poll (result u32) (canon lift (core func $i "poll"))) ${exported('$poll')})`),
  'a core import field': (name) =>
    fromText(`(component
      (core module $dep (func (export ${quoted(name)}))) (core instance $d (instantiate $dep))
      (core module $m (import "d" ${quoted(name)} (func)) ${POLL})
      (core instance $i (instantiate $m (with "d" (instance $d))))
      (func $poll (result u32) (canon lift (core func $i "poll"))) ${exported('$poll')})`),
  'a core function': (name) =>
    fromText(`(component
      (core module $m (func (export ${quoted(name)}) (result i32) i32.const 1)) (core instance $i (instantiate $m))
      (func $poll (result u32) (canon lift (core func $i ${quoted(name)}))) ${exported('$poll')})`),
  'a core memory': (name) =>
    liftedSensor(
      '(result string)',
      `(memory (export ${quoted(name)}) 1) ${POLL}`,
      `(memory (core memory $i ${quoted(name)}))`,
    ),
  'a core table': (name) => core(`(table (export ${quoted(name)}) 1 funcref)`, name, '(table 1 funcref)'),
  'a core global': (name) => core(`(global (export ${quoted(name)}) i32 (i32.const 1))`, name, '(global i32)'),
  'an inline core instance': (name) =>
    fromText(`(component
      (core module $dep (func (export "f"))) (core instance $d (instantiate $dep))
      (core module $m (import "d" ${quoted(name)} (func)) ${POLL})
      (core instance $i (instantiate $m (with "d" (instance (export ${quoted(name)} (func $d "f"))))))
      (func $poll (result u32) (canon lift (core func $i "poll"))) ${exported('$poll')})`),
  'an imported function': (name) => beside(`(import ${quoted(name)} (func))`),
  'an imported interface': (name) => beside(`(import ${quoted(name)} (instance))`),
  'a function of an imported interface': (name) =>
    beside(`(import "edge:plugin/settings@1.0.0" (instance (export ${quoted(name)} (func))))`),
  'a parameter of an imported function': (name) =>
    beside(`(import "edge:plugin/settings@1.0.0" (instance (export "get" (func (param ${quoted(name)} u8)))))`),
  'a resource of an imported interface': (name) =>
    beside(`(import "edge:plugin/settings@1.0.0" (instance (export ${quoted(name)} (type (sub resource)))))`),
  'a field of a record': (name) => typed(`(record (field ${quoted(name)} u32))`),
  'a case of a variant': (name) => typed(`(variant (case ${quoted(name)} u32) (case "b"))`),
  'a case of an enum': (name) => typed(`(enum ${quoted(name)} "b")`),
  'a flag': (name) => typed(`(flags ${quoted(name)})`),
  'an exported type': (name) => beside(`(type $t (enum "a")) (export ${quoted(name)} (type $t))`),
  'an exported function': (name) =>
    beside(`(core module $e (func (export "f"))) (core instance $e (instantiate $e))
      (func $e (canon lift (core func $e "f"))) (export ${quoted(name)} (func $e))`),
  'a second function of the logic': (name) =>
    fromText(`(component
      (core module $m ${POLL}) (core instance $i (instantiate $m))
      (func $poll (result u32) (canon lift (core func $i "poll")))
      ${exported('$poll', `(export ${quoted(name)} (func $poll))`)})`),
  'an export of a nested component': (name) =>
    beside(`(component $n (core module $e (func (export "f"))) (core instance $e (instantiate $e))
      (func $e (canon lift (core func $e "f"))) (export ${quoted(name)} (func $e))) (instance (instantiate $n))`),
  'an import of a nested component': (name) =>
    beside(`(component $n (import ${quoted(name)} (func))) (core module $e (func (export "f")))
      (core instance $e (instantiate $e)) (func $e (canon lift (core func $e "f")))
      (instance (instantiate $n (with ${quoted(name)} (func $e))))`),
  'a custom section': (name) => beside(`(@custom ${quoted(name)} "x")`),
  'a module and a function in the name section': (name) =>
    fromText(`(component
      (core module $m (@name ${quoted(name)}) (func (@name ${quoted(name)}) (export "poll") (result i32) i32.const 1))
      (core instance $i (instantiate $m))
      (func $poll (@name ${quoted(name)}) (result u32) (canon lift (core func $i "poll"))) ${exported('$poll')})`),
};

function core(field: string, name: string, type: string): Promise<Uint8Array> {
  return fromText(`(component
    (core module $dep ${field}) (core instance $d (instantiate $dep))
    (core module $m (import "d" ${quoted(name)} ${type}) ${POLL})
    (core instance $i (instantiate $m (with "d" (instance $d))))
    (func $poll (result u32) (canon lift (core func $i "poll"))) ${exported('$poll')})`);
}

/** An interface that is imported with such a type. */
function typed(type: string): Promise<Uint8Array> {
  return beside(`(import "edge:plugin/types@1.0.0" (instance
    (type $t ${type}) (export "device-error" (type (eq $t)))
    (export "f" (func (param "x" 1)))))`);
}
