/** Hostile plugins as text: a sensor whose `poll` is a line of code, what it imports, what it may lie about. */
import { fromText } from '../wasm/components';

export const LOGIC = 'edge:plugin/sensor-logic@1.0.0';

export interface SensorText {
  /** Further fields of the core module that is called. */
  readonly fields?: string;
  /** Instructions of `poll` that leave the i32 which is answered as value "0". Spins, traps or lies as it likes. */
  readonly poll: string;
  /** Locals of `poll`. */
  readonly locals?: string;
  /** Functions of the host, called as `$<core>`. */
  readonly calls?: readonly HostCall[];
  /** Component fields before anything else. */
  readonly before?: string;
  /** `realloc` of host calls that answer with lists; one that hands out from byte 65536 upwards unless given. */
  readonly realloc?: string;
}

export interface HostCall {
  readonly core: string;
  readonly interface: string;
  readonly func: string;
  /** Type in WIT's text format: `(param "index" u8)`. */
  readonly type: string;
  /** The same, lowered: `(param i32)`. */
  readonly lowered: string;
  /** Types that the interface exports and `type` names. */
  readonly types?: string;
}

export function call(core: string, iface: string, func: string, type: string, lowered: string): HostCall {
  return { core, interface: iface, func, type, lowered };
}

/** `edge:plugin/types.device-error`, for the `types` of a call; named `$error`. */
export const DEVICE_ERROR =
  '(type $v (variant (case "denied" string) (case "missing" string) (case "busy" string) (case "timeout") (case "io" string))) (export "device-error" (type $error (eq $v)))';

/** The core function of a plugin whose answer does not matter. */
export const POLL = '(func (export "poll") (result i32) i32.const 1)';

const PAGES = 4;
const BUMP = `(global $next (mut i32) (i32.const 65536))
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
    (local.set $at (global.get $next))
    (global.set $next (i32.and (i32.add (i32.add (global.get $next) (local.get 3)) (i32.const 7)) (i32.const -8)))
    (local.get $at))`;

/** Answers one reading with the value "0": what `poll` left. */
export function sensor(text: SensorText): Promise<Uint8Array> {
  return fromText(sensorText(text));
}

export function harmless(): Promise<Uint8Array> {
  return sensor({ poll: '(i32.const 1)' });
}

/** Traps at each poll. */
export function quitter(): Promise<Uint8Array> {
  return sensor({ poll: '(unreachable)' });
}

function sensorText({ fields = '', poll, locals = '', calls = [], before = '', realloc = BUMP }: SensorText): string {
  return `(component ${before}
    ${calls.map((call, i) => importText(call, i)).join('\n')}
    (core module $libc (memory (export "memory") ${PAGES}) ${realloc})
    (core instance $libc (instantiate $libc))
    ${calls.map(lowerText).join('\n')}
    (core module $m
      (import "libc" "memory" (memory 1))
      ${calls.map(({ core, lowered }) => `(import "host" "${core}" (func $${core} ${lowered}))`).join('\n')}
      ${fields}
      (func (export "poll") (result i32) (local $answer i32) ${locals}
        (local.set $answer (block (result i32) ${poll}))
        (i32.store (i32.const 0) (i32.const 8)) (i32.store (i32.const 4) (i32.const 1))
        (i32.store (i32.const 8) (local.get $answer)) (i32.const 0)))
    (core instance $i (instantiate $m (with "libc" (instance $libc))
      (with "host" (instance ${calls.map(({ core }) => `(export "${core}" (func $${core}))`).join(' ')}))))
    (func $poll (result (list (tuple u32))) (canon lift (core func $i "poll") (memory (core memory $libc "memory"))))
    ${exported('$poll')})`;
}

/** The function as the sensor's `poll`. */
export function exported(func: string, further = ''): string {
  return `(instance $logic (export "poll" (func ${func})) ${further}) (export "${LOGIC}" (instance $logic))`;
}

/** A sensor with a core module of its own, whose `poll` has any type. */
export function liftedSensor(type: string, module: string, options = ''): Promise<Uint8Array> {
  return fromText(`(component
    (core module $m ${module})
    (core instance $i (instantiate $m))
    (func $poll ${type} (canon lift (core func $i "poll") ${options}))
    ${exported('$poll')})`);
}

function importText(call: HostCall, i: number): string {
  return `(import "${call.interface}" (instance $h${i} ${call.types ?? ''} (export "${call.func}" (func ${call.type}))))`;
}

function lowerText({ core, func }: HostCall, i: number): string {
  return `(core func $${core} (canon lower (func $h${i} "${func}") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))`;
}

/** Any text or bytes as a string of the text format. */
export function quoted(text: string | Uint8Array): string {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  return `"${[...bytes].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('')}"`;
}
