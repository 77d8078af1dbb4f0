/** Names that JavaScript knows, names that look like others, and too many of them. */
import { type Attack, attacks, type Ending } from './attack';
import { LOGIC } from './wat';
import { beside, NAMED } from './wat-names';

/** It ran, and its answer is a number, which is no reading. */
const RAN: Ending = 'PLUGIN_ERROR';

/** In this place. */
function named(place: string, name: string): Promise<Uint8Array> {
  const make = NAMED[place];
  if (!make) throw new Error(`no place ${place}`);
  return make(name);
}

const KNOWN: readonly Attack[] = ['constructor', '__proto__', 'toString', 'then', 'hasOwnProperty'].flatMap((name) =>
  ['a core import module', 'a core import field', 'a core function', 'an inline core instance'].map((place) => ({
    tries: `calls ${place} ${name}`,
    file: () => named(place, name),
    ends: RAN,
  })),
);

const KEBAB: readonly Attack[] = [
  'then',
  'constructor',
  'to-string',
  'value-of',
  'has-own-property',
  'has-instance',
].map((name) => ({
  tries: `has a second function called ${name}`,
  file: () => named('a second function of the logic', name),
  ends: RAN,
}));

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
    tries: 'has a line separator in a core name',
    file: () => named('a core import field', 'a\u2028b'),
    ends: RAN,
  },
  { tries: 'has a NUL in a core name', file: () => named('a core import field', 'a\0b'), ends: RAN },
  {
    tries: 'has a text that turns others around in a core name',
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

attacks('a name that JavaScript knows', [...KNOWN, ...KEBAB]);
attacks('a name that no tool writes', [...EXTERNAL, ...PARTS, ...PRERELEASES, ...OTHERS]);
