/**
 * Components that import WASI as its texts have it (wasi:filesystem, wasi:sockets, wasi:io and wasi:cli 0.2), which no tool
 * was needed for: resources shared between interfaces, methods, error codes. Types that an attack does not look at are
 * numbers.
 */
import { fromText } from '../wasm/components';
import { exported } from './wat';

export interface WasiWorld {
  /** The imports, as fields of the component. */
  readonly imports: string;
  /** Core function by name: the instance and function it is lowered from, and its core type. */
  readonly functions: Readonly<Record<string, readonly [instance: string, func: string, type: string]>>;
}

/** Of a file: the directories there are, opening below one, reading one. */
export const FILES: WasiWorld = {
  imports: `
    (import "wasi:io/streams@0.2.0" (instance $streams (export "input-stream" (type (sub resource)))))
    (alias export $streams "input-stream" (type $in))
    (import "wasi:filesystem/types@0.2.0" (instance $types
      (alias outer 1 $in (type $i)) (export "input-stream" (type $input (eq $i)))
      (export "descriptor" (type $d (sub resource)))
      (type $f (flags "symlink-follow")) (export "path-flags" (type $path-flags (eq $f)))
      (type $o (flags "create" "directory" "exclusive" "truncate")) (export "open-flags" (type $open-flags (eq $o)))
      (type $e (enum "access" "would-block" "already")) (export "error-code" (type $error (eq $e)))
      (export "[method]descriptor.open-at" (func (param "self" (borrow $d)) (param "path-flags" $path-flags)
        (param "path" string) (param "open-flags" $open-flags) (param "flags" u32)
        (result (result (own $d) (error $error)))))
      (export "[method]descriptor.read-via-stream" (func (param "self" (borrow $d)) (param "offset" u64)
        (result (result (own $input) (error $error)))))))
    (alias export $types "descriptor" (type $descriptor))
    (import "wasi:filesystem/preopens@0.2.0" (instance $preopens
      (alias outer 1 $descriptor (type $d)) (export "descriptor" (type $own (eq $d)))
      (export "get-directories" (func (result (list (tuple (own $own) string)))))))`,
  functions: {
    directories: ['$preopens', 'get-directories', '(param i32)'],
    open: ['$types', '[method]descriptor.open-at', '(param i32 i32 i32 i32 i32 i32 i32)'],
    stream: ['$types', '[method]descriptor.read-via-stream', '(param i32 i64 i32)'],
  },
};

/** Of a socket: making one, connecting it, looking a name up. */
export const SOCKETS: WasiWorld = {
  imports: `
    (import "wasi:sockets/network@0.2.0" (instance $network
      (export "network" (type (sub resource)))
      (type $e (enum "unknown" "access-denied" "not-supported")) (export "error-code" (type (eq $e)))
      (type $f (enum "ipv4" "ipv6")) (export "ip-address-family" (type (eq $f)))))
    (alias export $network "network" (type $net))
    (alias export $network "error-code" (type $code))
    (alias export $network "ip-address-family" (type $family))
    (import "wasi:sockets/instance-network@0.2.0" (instance $instance
      (alias outer 1 $net (type $n)) (export "network" (type $network (eq $n)))
      (export "instance-network" (func (result (own $network))))))
    (import "wasi:sockets/tcp@0.2.0" (instance $tcp
      (alias outer 1 $net (type $n)) (export "network" (type $network (eq $n)))
      (alias outer 1 $code (type $c)) (export "error-code" (type $error (eq $c)))
      (export "tcp-socket" (type $t (sub resource)))
      (export "[method]tcp-socket.start-connect" (func (param "self" (borrow $t)) (param "network" (borrow $network))
        (param "remote-address" u32) (result (result (error $error)))))))
    (alias export $tcp "tcp-socket" (type $socket))
    (import "wasi:sockets/tcp-create-socket@0.2.0" (instance $create
      (alias outer 1 $socket (type $s)) (export "tcp-socket" (type $tcp-socket (eq $s)))
      (alias outer 1 $code (type $c)) (export "error-code" (type $error (eq $c)))
      (alias outer 1 $family (type $f)) (export "ip-address-family" (type $address-family (eq $f)))
      (export "create-tcp-socket" (func (param "address-family" $address-family)
        (result (result (own $tcp-socket) (error $error)))))))
    (import "wasi:sockets/ip-name-lookup@0.2.0" (instance $lookup
      (alias outer 1 $net (type $n)) (export "network" (type $network (eq $n)))
      (alias outer 1 $code (type $c)) (export "error-code" (type $error (eq $c)))
      (export "resolve-address-stream" (type $r (sub resource)))
      (export "resolve-addresses" (func (param "network" (borrow $network)) (param "name" string)
        (result (result (own $r) (error $error)))))))`,
  functions: {
    network: ['$instance', 'instance-network', '(result i32)'],
    create: ['$create', 'create-tcp-socket', '(param i32 i32)'],
    connect: ['$tcp', '[method]tcp-socket.start-connect', '(param i32 i32 i32 i32)'],
    resolve: ['$lookup', 'resolve-addresses', '(param i32 i32 i32 i32)'],
  },
};

function stream(name: string): string {
  return `(import "wasi:cli/${name}@0.2.0" (instance $${name}
    (alias outer 1 $out (type $o)) (export "output-stream" (type $output (eq $o)))
    (export "get-${name}" (func (result (own $output))))))`;
}

/** Of the two streams that end in the log. */
export const OUTPUT: WasiWorld = {
  imports: `
    (import "wasi:io/streams@0.2.0" (instance $streams
      (export "output-stream" (type $o (sub resource)))
      (type $e (variant (case "last-operation-failed" u32) (case "closed"))) (export "stream-error" (type $error (eq $e)))
      (export "[method]output-stream.blocking-write-and-flush" (func (param "self" (borrow $o))
        (param "contents" (list u8)) (result (result (error $error)))))))
    (alias export $streams "output-stream" (type $out))
    ${stream('stdout')} ${stream('stderr')}`,
  functions: {
    stdout: ['$stdout', 'get-stdout', '(result i32)'],
    stderr: ['$stderr', 'get-stderr', '(result i32)'],
    write: ['$streams', '[method]output-stream.blocking-write-and-flush', '(param i32 i32 i32 i32)'],
  },
};

/** The environment, and what stands in for a file that is always there. */
export const SURROUNDINGS: WasiWorld = {
  imports: `
    (import "wasi:cli/environment@0.2.0" (instance $environment
      (export "get-environment" (func (result (list (tuple string string)))))
      (export "get-arguments" (func (result (list string))))
      (export "initial-cwd" (func (result (option string))))))`,
  functions: {
    variables: ['$environment', 'get-environment', '(param i32)'],
    arguments: ['$environment', 'get-arguments', '(param i32)'],
    cwd: ['$environment', 'initial-cwd', '(param i32)'],
  },
};

/** With `$setting`, which reads a setting of the plugin. */
export function withSettings({ imports, functions }: WasiWorld): WasiWorld {
  return {
    imports: `(import "edge:plugin/settings@1.0.0" (instance $settings
      (export "get" (func (param "key" string) (result (option string)))))) ${imports}`,
    functions: { ...functions, setting: ['$settings', 'get', '(param i32 i32 i32)'] },
  };
}

const LIBC = `(core module $libc (memory (export "memory") 2)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 65536))
  (core instance $libc (instantiate $libc))`;

/** A core module with the functions of `world`, of which `fields` are the rest: exported functions and data. */
function component({ imports, functions }: WasiWorld, fields: string, lifted: string): Promise<Uint8Array> {
  const entries = Object.entries(functions);
  return fromText(`(component ${imports} ${LIBC}
    ${entries
      .map(
        ([name, [instance, func]]) =>
          `(core func $${name} (canon lower (func ${instance} "${func}") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))`,
      )
      .join(' ')}
    (core module $m (import "libc" "memory" (memory 1))
      ${entries.map(([name, [, , type]]) => `(import "host" "${name}" (func $${name} ${type}))`).join(' ')}
      ${fields})
    (core instance $i (instantiate $m (with "libc" (instance $libc))
      (with "host" (instance ${entries.map(([name]) => `(export "${name}" (func $${name}))`).join(' ')}))))
    ${lifted})`);
}

/** `poll`: instructions that leave the i32 which is the reading's value "0"; `$n` is theirs. */
export function wasiSensor(world: WasiWorld, poll: string, data = ''): Promise<Uint8Array> {
  const fields = `${data} (func (export "poll") (result i32) (local $answer i32) (local $n i32)
    (local.set $answer (block (result i32) ${poll}))
    (i32.store (i32.const 0) (i32.const 8)) (i32.store (i32.const 4) (i32.const 1))
    (i32.store (i32.const 8) (local.get $answer)) (i32.const 0))`;
  return component(
    world,
    fields,
    `(func $poll (result (list (tuple u32))) (canon lift (core func $i "poll") (memory (core memory $libc "memory"))))
    ${exported('$poll')}`,
  );
}

/** A dashboard: `render` has the page's data as `$at` and `$length`, and stores pointer and length of its page at 0 and 4. */
export function wasiDashboard(world: WasiWorld, render: string, data = ''): Promise<Uint8Array> {
  return component(
    world,
    `${data} (func (export "render") (param $at i32) (param $length i32) (result i32) ${render} (i32.const 0))`,
    `(func $render (param "sensor-data" string) (result string) (canon lift (core func $i "render")
      (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
    (instance $logic (export "render" (func $render))) (export "edge:plugin/dashboard-logic@1.0.0" (instance $logic))`,
  );
}
