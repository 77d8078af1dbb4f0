/**
 * libpython's segment offsets are extended constant expressions (`global.get` + `i32.add`). V8 accepts them unasked
 * since Node 21; before, it has the finished feature behind a flag that may be set at run time, before compiling.
 * docs/decisions/0002-extended-const.md says why this and not rewriting the modules.
 */
import { setFlagsFromString } from 'node:v8';

/** (module (import "" "" (global i32)) (memory 0) (data (offset (i32.add (global.get 0) (i32.const 0))))) */
const PROBE = Uint8Array.from([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x02, 0x06, 0x01, 0x00, 0x00, 0x03, 0x7f, 0x00, 0x05, 0x03, 0x01,
  0x00, 0x00, 0x0b, 0x09, 0x01, 0x00, 0x23, 0x00, 0x41, 0x00, 0x6a, 0x0b, 0x00,
]);

export function allowExtendedConst(): void {
  if (!WebAssembly.validate(PROBE)) setFlagsFromString('--experimental-wasm-extended-const');
}
