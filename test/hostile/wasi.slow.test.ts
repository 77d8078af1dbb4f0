/**
 * Guests that ask WASI for files, sockets and the environment by its own interfaces, with handles that nobody gave them,
 * and guests that print more than anybody reads. The interfaces are there to be imported, since Python's runtime imports
 * them whole; what could open something answers that it is denied, and a handle that was not given ends the guest.
 */
import assert from 'node:assert/strict';
import { type Aftermath, type Attack, attacks } from './attack';
import { quoted } from './wat';
import { FILES, OUTPUT, SOCKETS, SURROUNDINGS, wasiSensor, withSettings } from './wat-wasi';

/** A list's length where the host wrote its answer. */
const LENGTH = '(i32.load (i32.const 260))';
/** A hundred for an error, and its code. */
const ERROR = '(i32.add (i32.mul (i32.load8_u (i32.const 256)) (i32.const 100)) (i32.load8_u (i32.const 260)))';
const ACCESS_DENIED = { 0: 101 };
const PASSWD = '(data (i32.const 512) "/etc/passwd")';

/** Handles are small numbers: the first ones, the table's own, and what is none. */
const FORGED = [0, 1, 2, 3, 0x3fff_ffff, -1];
const HANDLES_AT = 1_024;
const HANDLES = `(data (i32.const ${HANDLES_AT}) ${quoted(Buffer.from(Int32Array.from(FORGED).buffer))})`;
/**
 * The one whose place is the number in the setting `handle`, so that the guests of one attack are one component: its text
 * is written to where `realloc` says, and its place to byte 260.
 */
const HANDLE = `(i32.store (i32.const 64) (i32.const ${le32('hand')})) (i32.store (i32.const 68) (i32.const ${le32('le')}))
  (call $setting (i32.const 64) (i32.const 6) (i32.const 256))
  (local.set $n (i32.load (i32.add (i32.const ${HANDLES_AT}) (i32.mul (i32.const 4)
    (i32.sub (i32.load8_u (i32.load (i32.const 260))) (i32.const 48))))))`;

/** Up to four characters as the i32 that has them in memory. */
function le32(text: string): number {
  return Buffer.from(text.padEnd(4, '\0')).readInt32LE();
}

const ATTEMPTS: readonly { tries: string; file: () => Promise<Uint8Array>; afterwards?: Attack['afterwards'] }[] = [
  {
    tries: 'opens /etc/passwd below directory',
    file: () =>
      wasiSensor(
        withSettings(FILES),
        `${HANDLE} (call $open (local.get $n) (i32.const 1) (i32.const 512) (i32.const 11) (i32.const 0) (i32.const 1) (i32.const 256)) ${ERROR}`,
        `${PASSWD} ${HANDLES}`,
      ),
  },
  {
    tries: 'reads file',
    file: () =>
      wasiSensor(
        withSettings(FILES),
        `${HANDLE} (call $stream (local.get $n) (i64.const 0) (i32.const 256)) ${ERROR}`,
        HANDLES,
      ),
  },
  {
    tries: 'prints to stream',
    file: () =>
      wasiSensor(
        withSettings(OUTPUT),
        `${HANDLE} (call $write (local.get $n) (i32.const 512) (i32.const 11) (i32.const 256)) ${ERROR}`,
        `${PASSWD} ${HANDLES}`,
      ),
    afterwards: ({ log }) => assert.ok(!log.includes('/etc/passwd')),
  },
  {
    tries: 'connects socket',
    file: () =>
      wasiSensor(
        withSettings(SOCKETS),
        `${HANDLE} (call $connect (local.get $n) (call $network) (i32.const 0) (i32.const 256)) ${ERROR}`,
        HANDLES,
      ),
  },
];

/** From the call with the handle, not from how the guest came by it. */
const NOT_GIVEN = /rsc0\.\w+ is not a function|private member #write/;

const forged: readonly Attack[] = ATTEMPTS.flatMap(({ tries, file, afterwards }) =>
  FORGED.map(
    (handle, place): Attack => ({
      tries: `${tries} ${handle}, which it was not given`,
      file,
      settings: `handle = "${place}"`,
      ends: 'PLUGIN_TRAPPED',
      says: NOT_GIVEN,
      ...(afterwards ? { afterwards } : {}),
    }),
  ),
);

const asked: readonly Attack[] = [
  {
    tries: 'asks for the directories that were opened for it',
    file: () =>
      wasiSensor(FILES, `(i32.store (i32.const 260) (i32.const 9)) (call $directories (i32.const 256)) ${LENGTH}`),
    ends: 'answered',
    values: { 0: 0 },
  },
  ...[0, 1].map(
    (family): Attack => ({
      tries: `creates a TCP socket of family ${family}`,
      file: () => wasiSensor(SOCKETS, `(call $create (i32.const ${family}) (i32.const 256)) ${ERROR}`),
      ends: 'answered',
      values: ACCESS_DENIED,
    }),
  ),
  {
    tries: 'looks a name up',
    file: () =>
      wasiSensor(
        SOCKETS,
        `(call $resolve (call $network) (i32.const 512) (i32.const 9) (i32.const 256)) ${ERROR}`,
        '(data (i32.const 512) "localhost")',
      ),
    ends: 'answered',
    values: ACCESS_DENIED,
  },
  ...['variables', 'arguments'].map(
    (what): Attack => ({
      tries: `asks for its ${what}`,
      file: () =>
        wasiSensor(SURROUNDINGS, `(i32.store (i32.const 260) (i32.const 9)) (call $${what} (i32.const 256)) ${LENGTH}`),
      ends: 'answered',
      values: { 0: 0 },
    }),
  ),
  {
    tries: 'asks for its directory',
    file: () =>
      wasiSensor(
        SURROUNDINGS,
        '(i32.store8 (i32.const 256) (i32.const 9)) (call $cwd (i32.const 256)) (i32.load8_u (i32.const 256))',
      ),
    ends: 'answered',
    values: { 0: 0 },
  },
];

const CHUNK_BYTES = 4_096;
/** Short lines for a terminal that believes them, and one line that does not end. */
const LINES = 'owned <b>\x1b[2J\u202e\n'.repeat(CHUNK_BYTES).slice(0, 2_000);
const ENDLESS = 'x'.repeat(CHUNK_BYTES);
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;
/** Fifty at once and ten a second, each held-back line of which is told of with the next one. */
const MAX_OF_A_FLOOD = 100;
const MAX_LINE_LENGTH = 501;

function isBounded({ host, log }: Aftermath): void {
  assert.ok(log.length <= MAX_OF_A_FLOOD, `${log.length} lines`);
  for (const line of log) {
    assert.ok(line.length <= MAX_LINE_LENGTH, `a line of ${line.length} characters`);
    assert.doesNotMatch(line, CONTROLS);
  }
  assert.ok(host.runtime.runtime.logLines().length <= 200);
}

function flood(stream: string, what: string, text: string, least: number): Attack {
  const bytes = Buffer.from(text);
  return {
    tries: `prints ${what} to ${stream} for ever`,
    file: () =>
      wasiSensor(
        OUTPUT,
        `(local.set $n (call $${stream}))
        (loop $l (call $write (local.get $n) (i32.const 1024) (i32.const ${bytes.length}) (i32.const 256)) (br $l)) (i32.const 1)`,
        `(data (i32.const 1024) ${quoted(bytes)})`,
      ),
    // It ends by its output long before, except on a busy machine.
    limits: 'deadline_ms = 30000',
    ends: 'PLUGIN_MEMORY',
    afterwards: (seen) => {
      isBounded(seen);
      assert.ok(seen.log.length >= least, `${seen.log.length} lines`);
    },
  };
}

const floods: readonly Attack[] = ['stdout', 'stderr'].flatMap((stream) => [
  flood(stream, 'lines', LINES, 50),
  flood(stream, 'a line without an end', ENDLESS, 0),
]);

const STILL: Attack = {
  tries: 'prints two thousand lines at each of five polls',
  file: () =>
    wasiSensor(
      OUTPUT,
      `(local.set $n (call $stdout)) ${'(call $write (local.get $n) (i32.const 1024) (i32.const 400) (i32.const 256))'.repeat(10)} (i32.const 1)`,
      `(data (i32.const 1024) ${quoted('x\n'.repeat(200))})`,
    ),
  polls: 5,
  limits: 'deadline_ms = 50000',
  ends: 'answered',
  afterwards: isBounded,
};

attacks('a guest that asks WASI, or floods the log, and', [...asked, ...forged, ...floods, STILL]);
