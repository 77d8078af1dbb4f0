/** Names that JavaScript knows, names that look like others, and too many of them. */
import { fromText } from '../wasm/components';
import { type Attack, attacks, type Ending } from './attack';
import { exported, LOGIC, POLL, quoted } from './wat';
import { beside, NAMED } from './wat-names';

/** It ran, and its answer is a number, which is no reading. */
const RAN: Ending = 'PLUGIN_ERROR';

/** In this place. */
function named(place: string, name: string): Promise<Uint8Array> {
  const make = NAMED[place];
  if (!make) throw new Error(`no place ${place}`);
  return make(name);
}

const KNOWN_NAMES = ['__proto__', 'constructor', 'toString', 'then', 'hasOwnProperty'];
const KNOWN_FUNCTIONS = ['then', 'constructor', 'to-string', 'value-of', 'has-own-property', 'has-instance'];

/** One component for all places that can have them at the same time; the function that is polled has one name only. */
const KNOWN: readonly Attack[] = [
  {
    tries: 'calls modules, functions and instances of such names',
    file: () => calledByNames(KNOWN_NAMES),
    ends: RAN,
  },
  ...KNOWN_NAMES.map((name) => ({
    tries: `is polled by a core function ${name}`,
    file: () => named('a core function', name),
    ends: RAN,
  })),
  {
    tries: 'has further functions of such names',
    file: () => {
      const further = KNOWN_FUNCTIONS.map((name) => `(export ${quoted(name)} (func $poll))`).join(' ');
      return fromText(`(component (core module $m ${POLL}) (core instance $i (instantiate $m))
        (func $poll (result u32) (canon lift (core func $i "poll"))) ${exported('$poll', further)})`);
    },
    ends: RAN,
  },
];

/** With each name, a core module, a function of one, and a function of an inline instance are imported, and called by `poll`. */
function calledByNames(names: readonly string[]): Promise<Uint8Array> {
  const each = (text: (name: string, i: number) => string) => names.map((name, i) => text(quoted(name), i)).join(' ');
  return fromText(`(component
    (core module $dep (func $f) ${each((name) => `(export ${name} (func $f))`)})
    (core instance $d (instantiate $dep))
    ${each((name, i) => `(core instance $of${i} (export "f" (func $d ${name})))`)}
    (core module $m
      ${each((name, i) => `(import ${name} "f" (func $module${i})) (import "d" ${name} (func $field${i}))`)}
      ${each((name, i) => `(import "inline" ${name} (func $inline${i}))`)}
      (func (export "poll") (result i32)
        ${each((_, i) => `(call $module${i}) (call $field${i}) (call $inline${i})`)} (i32.const 1)))
    (core instance $i (instantiate $m ${each((name, i) => `(with ${name} (instance $of${i}))`)} (with "d" (instance $d))
      (with "inline" (instance ${each((name) => `(export ${name} (func $d ${name}))`)}))))
    (func $poll (result u32) (canon lift (core func $i "poll"))) ${exported('$poll')})`);
}

const EXTERNAL: readonly Attack[] = [
  'url=<https://example.com/x>',
  'locked-dep=<a:b/c@1.0.0>',
  'unlocked-dep=<a:b/c@{>=1.0.0}>',
  'integrity=<sha256-AAAA>',
].map((name) => ({
  tries: `imports ${name}`,
  file: () => named('an imported interface', name),
  ends: 'PLUGIN_INVALID',
}));

/** A thousand pieces of text. */
function numbered(piece: (i: number) => string, length = 1_000): string {
  return Array.from({ length }, (_, i) => piece(i)).join('');
}

const LONG = 'a'.repeat(1_000_000);
/** Ids and versions are the parts of a name that are more than words. */
const PARTS: readonly Attack[] = [
  'a:b"+process.exit()+"/c@1.0.0',
  "edge:plu'];process.exit();['gin/settings@1.0.0",
  'edge:plugin/settings@1.0.0-rc"+process.exit()+"',
  'edge:plugin/settings@1.0.0+b`+process.exit()+`',
  'edge:plugin/settings@1.0.0\n;process.exit()//',
  'edge:plugin/settings@process.exit()',
].map((name) => ({
  tries: `imports ${JSON.stringify(name)}`,
  file: () => named('an imported interface', name),
  ends: 'PLUGIN_INVALID',
}));

/** Nothing in them ends a text of JavaScript, so that only their version is wrong. */
const PRERELEASES: readonly Attack[] = ['1.0.0-process.exit', '1.0.0-rc.1+constructor', '01.0.0-__proto__'].map(
  (version) => ({
    tries: `imports settings in version ${version}`,
    file: () => named('an imported interface', `edge:plugin/settings@${version}`),
    ends: version.includes('_') ? 'PLUGIN_INVALID' : 'CAPABILITY_DENIED',
  }),
);

const OTHERS: readonly Attack[] = [
  {
    tries: 'exports a function called then beside its logic',
    file: () => named('an exported function', 'then'),
    ends: 'PLUGIN_INVALID',
    says: /"then"/,
  },
  { tries: 'has a core name of a megabyte', file: () => named('a core function', LONG), ends: 'PLUGIN_INVALID' },
  { tries: 'imports a name of a megabyte', file: () => named('an imported function', LONG), ends: 'PLUGIN_INVALID' },
  {
    tries: 'imports an interface in Cyrillic letters',
    file: () => named('an imported interface', 'еdge:plugin/sеttings@1.0.0'),
    ends: 'PLUGIN_INVALID',
    says: /\\u0435/,
  },
  {
    tries: 'has a line separator, a NUL and a character that turns texts around in core names',
    file: () => calledByNames(['a\u2028b', 'a\0b', 'a\u202eb']),
    ends: RAN,
  },
  {
    tries: 'is polled by a core function whose name turns texts around',
    file: () => named('a core function', 'a\u202eb'),
    ends: RAN,
  },
  {
    tries: 'has a thousand core imports',
    file: () =>
      beside(`(core module $d (func $f) ${numbered((i) => `(export "f${i}" (func $f))`)}) (core instance $d (instantiate $d))
        (core module $e ${numbered((i) => `(import "d" "f${i}" (func))`)}) (core instance (instantiate $e (with "d" (instance $d))))`),
    ends: RAN,
  },
  {
    tries: 'imports a thousand interfaces',
    file: () => beside(numbered((i) => `(import "a${i}:b/c@1.0.0" (instance))`)),
    ends: 'PLUGIN_INVALID',
    says: /more than 256 imports/,
  },
  {
    tries: 'imports two hundred interfaces',
    file: () => beside(numbered((i) => `(import "a${i}:b/c@1.0.0" (instance))`, 200)),
    ends: 'CAPABILITY_DENIED',
    says: /^\S+ it imports (?:a\d+:b\/c@1\.0\.0, ){15}a15:b\/c@1\.0\.0 and 184 more, which/,
  },
  {
    tries: 'exports its logic in a version with code for a build number',
    file: () => beside(`(instance $x) (export "${LOGIC}-'];x" (instance $x))`),
    ends: 'PLUGIN_INVALID',
  },
];

attacks('a component whose names are known to JavaScript, or written by no tool, and that', [
  ...KNOWN,
  ...EXTERNAL,
  ...PARTS,
  ...PRERELEASES,
  ...OTHERS,
]);
