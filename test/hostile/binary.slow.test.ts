/** Files that are no component, or one that no tool writes. */
import { fixture, fromText } from '../wasm/components';
import { type Attack, attacks, type Ending } from './attack';
import { component, firstPartOf, folder, hole, linkTo, nested, withHeader } from './files';
import { harmless } from './wat';
import { beside } from './wat-names';

const MIB = 2 ** 20;
const U32_MAX = [0xff, 0xff, 0xff, 0xff, 0x0f];
const OVERLONG = [0x80, 0x80, 0x80, 0x80, 0x80, 0x00];
/** What the generator comes through, however slow the machine. */
const PATIENT = 'load_deadline_ms = 50000';
const RAN: Ending = 'PLUGIN_ERROR';

const text = (words: string) => () => new Uint8Array(Buffer.from(words));

const NO_COMPONENTS: readonly Attack[] = [
  { tries: 'is empty', file: () => new Uint8Array(), ends: 'PLUGIN_INVALID' },
  { tries: 'is a page of HTML', file: text('<!doctype html><script>alert(1)</script>'), ends: 'PLUGIN_INVALID' },
  { tries: 'is an ELF program', file: text('\x7fELF\x02\x01\x01'), ends: 'PLUGIN_INVALID' },
  { tries: 'is JavaScript', file: text('process.exit(1)'), ends: 'PLUGIN_INVALID' },
  { tries: 'is the text of a component', file: text('(component)'), ends: 'PLUGIN_INVALID' },
  {
    tries: 'is a core module',
    file: () => fromText('(module (func (export "poll")))'),
    ends: 'PLUGIN_INVALID',
    says: /core WebAssembly module/,
  },
  {
    tries: 'has the version of an early draft',
    file: () => withHeader([0, 0x61, 0x73, 0x6d, 0x0a, 0, 1, 0]),
    ends: 'PLUGIN_INVALID',
  },
  {
    tries: 'has the layer of a core module',
    file: () => withHeader([0, 0x61, 0x73, 0x6d, 0x0d, 0, 0, 0]),
    ends: 'PLUGIN_INVALID',
  },
  { tries: 'is a hundred megabytes of zeros', file: () => hole(100 * MIB), ends: 'PLUGIN_INVALID' },
  { tries: 'is larger than any plugin', file: () => hole(193 * MIB), ends: 'PLUGIN_INVALID', says: /more than/ },
  { tries: 'is a folder', file: () => folder, ends: 'PLUGIN_NOT_FOUND' },
  {
    tries: 'is a link to a file of the host',
    file: ({ forbiddenFile }) => linkTo(forbiddenFile.replace('forbidden', 'canary')),
    ends: 'PLUGIN_INVALID',
  },
  {
    tries: 'is a link to an endless device',
    file: () => linkTo('/dev/zero'),
    ends: 'PLUGIN_NOT_FOUND',
  },
  {
    tries: 'is a link to itself',
    file: ({ forbiddenFile }) => linkTo(forbiddenFile),
    ends: 'PLUGIN_NOT_FOUND',
  },
];

const LIARS: readonly Attack[] = [
  { tries: 'ends after its header', file: () => component(), ends: 'PLUGIN_INVALID' },
  { tries: 'ends within its header', file: () => component().subarray(0, 6), ends: 'PLUGIN_INVALID' },
  { tries: 'ends in the middle', file: () => firstPartOf(fixture('counter_v2'), 0.5), ends: 'PLUGIN_INVALID' },
  { tries: 'has a section longer than the file', file: () => component(1, ...U32_MAX), ends: 'PLUGIN_INVALID' },
  { tries: 'has a length that never ends', file: () => component(1, ...OVERLONG), ends: 'PLUGIN_INVALID' },
  {
    tries: 'has a length beyond 32 bits',
    file: () => component(1, 0xff, 0xff, 0xff, 0xff, 0xff),
    ends: 'PLUGIN_INVALID',
  },
  { tries: 'claims four billion imports', file: () => component(10, 5, ...U32_MAX), ends: 'PLUGIN_INVALID' },
  { tries: 'claims four billion exports', file: () => component(11, 5, ...U32_MAX), ends: 'PLUGIN_INVALID' },
  { tries: 'claims a name of four gigabytes', file: () => component(10, 7, 1, 0, ...U32_MAX), ends: 'PLUGIN_INVALID' },
  { tries: 'has a name that is not UTF-8', file: () => component(10, 6, 1, 0, 1, 0xff, 5, 0), ends: 'PLUGIN_INVALID' },
  { tries: 'has a section of no known kind', file: () => component(99, 0), ends: 'PLUGIN_INVALID' },
  {
    tries: 'is fifty million empty sections',
    file: () => hole(100 * MIB, component()),
    ends: 'PLUGIN_INVALID',
    says: /sections/,
  },
  {
    tries: 'has a hundred thousand custom sections',
    file: async () => {
      const sections = Array.from({ length: 100_000 }, () => [0, 2, 1, 0x78]).flat();
      return Uint8Array.from([...(await harmless()), ...sections]);
    },
    ends: 'PLUGIN_INVALID',
    says: /more than 10000 sections/,
  },
  {
    tries: 'is a thousand components, each in the next',
    file: () => nested(1_000),
    ends: 'PLUGIN_INVALID',
    says: /more than 16 deep/,
  },
  {
    tries: 'has a type that doubles forty times',
    file: () =>
      beside(
        `(type $t0 u8) ${Array.from({ length: 40 }, (_, i) => `(type $t${i + 1} (tuple $t${i} $t${i}))`).join('')}`,
      ),
    ends: 'PLUGIN_INVALID',
    says: /type size exceeds/,
  },
  {
    tries: 'has ten thousand fields in a record',
    file: () => beside(`(type (record ${Array.from({ length: 10_000 }, (_, i) => `(field "f${i}" u8)`).join('')}))`),
    ends: RAN,
  },
  {
    tries: 'instantiates a component of components ten times over, six levels deep',
    file: () =>
      beside(
        `(component $c0) ${Array.from({ length: 6 }, (_, i) => `(component $c${i + 1} (alias outer 1 $c${i} (component $d)) ${'(instance (instantiate $d))'.repeat(10)})`).join('')} (instance (instantiate $c6))`,
      ),
    ends: RAN,
    limits: PATIENT,
  },
];

attacks('a file that is no component', NO_COMPONENTS);
attacks('a component that lies about itself', LIARS);
