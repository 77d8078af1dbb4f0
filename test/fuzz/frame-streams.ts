/**
 * Streams of frames as a process sends them that somebody took over: some frames as they should be, some mutated, cut at
 * any places. Node-RED's side may refuse them as it says it does, and nothing else; where it takes a value, that is plain
 * data of no more than its kind's cost; and where the stream was cut makes no difference.
 */
import { isDeepStrictEqual } from 'node:util';
import { FROM_TASK_KINDS, parseTaskAnswer } from '../../src/component-store/task-messages';
import { FROM_PROCESS_KINDS, parseFromProcess } from '../../src/guest-process/control-messages';
import { encodeFrame, type FrameKind, FrameReader, ProtocolViolation } from '../../src/guest-process/frames';
import { FROM_GUEST_KINDS, parseFromGuest } from '../../src/guest-process/guest-messages';
import { encodeValue, MalformedValue } from '../../src/guest-process/value-codec';
import { mutateBytes } from './byte-mutations';
import { Random } from './random';

interface Channel {
  readonly kinds: ReadonlyMap<number, FrameKind>;
  readonly parse: (kind: FrameKind, value: unknown) => unknown;
}

const CHANNELS: readonly [Channel, ...Channel[]] = [
  { kinds: FROM_GUEST_KINDS, parse: parseFromGuest },
  { kinds: FROM_PROCESS_KINDS, parse: parseFromProcess },
  { kinds: FROM_TASK_KINDS, parse: parseTaskAnswer },
];

const KEYS = [
  'kind',
  'call',
  'value',
  'channel',
  'end',
  'message',
  'memoryBytes',
  'method',
  'args',
  'x',
  '',
  '__proto__',
] as const;
const TEXTS = ['', 'stdout', 'PLUGIN_ERROR', 'ä\u202e\u0000', '__proto__', 'x'.repeat(300)] as const;
const NUMBERS = [0, -0, 1, -1, 2 ** 31 - 1, 2 ** 31, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53] as const;
const MAX_DEPTH = 4;
const MAX_FRAMES = 4;
const MAX_MUTATIONS = 3;
/** Bytes that are no UTF-8 become U+FFFD: each one may become three. */
const REPLACED_BYTES = 3;

export interface StreamReport {
  readonly frames: number;
  /** Values that were taken, of mutated frames and others. */
  readonly taken: number;
  /** Streams that were refused. */
  readonly refused: number;
  /** What should not be, with the index that makes it again. */
  readonly findings: readonly string[];
}

/** Streams from index 0 on until there were so many frames, or the time is over. */
export function judgeStreams(seed: number, frames: number, limitMs = Number.POSITIVE_INFINITY): StreamReport {
  const endsAt = performance.now() + limitMs;
  const report = { frames: 0, taken: 0, refused: 0, findings: [] as string[] };
  for (let index = 0; report.frames < frames && performance.now() < endsAt; index += 1) {
    const random = new Random(seed, index);
    const channel = random.pick(CHANNELS);
    const sent = Array.from({ length: 1 + random.below(MAX_FRAMES) }, () => frameOf(channel, random));
    report.frames += sent.length;
    const stream = Buffer.concat(sent);
    const whole = read(channel, [stream]);
    const split = read(channel, pieces(stream, random));
    report.taken += whole.values.length;
    if (whole.end !== 'taken') report.refused += 1;
    const found = [
      ...whole.findings,
      ...(isDeepStrictEqual(whole, split) ? [] : ['it matters where the stream is cut']),
    ];
    report.findings.push(...found.map((what) => `seed ${seed}, stream ${index}: ${what}`));
  }
  if (Object.keys(Object.prototype).length > 0) report.findings.push('Object.prototype was changed');
  return report;
}

function frameOf({ kinds }: Channel, random: Random): Uint8Array {
  const kind = random.pickAny([...kinds.values()]);
  if (!kind) throw new Error('a channel has no kinds');
  let frame: Uint8Array = encodeFrame({ ...kind, maxCost: Number.MAX_SAFE_INTEGER }, anyValue(random, 0));
  // Half of them stay as they are, so that what follows a frame is read as well.
  if (random.oneIn(2))
    for (let left = random.below(MAX_MUTATIONS); left >= 0; left -= 1) frame = mutateBytes(frame, random);
  return frame;
}

function anyValue(random: Random, depth: number): unknown {
  switch (random.below(depth < MAX_DEPTH ? 10 : 6)) {
    case 0:
      return random.pick([undefined, null, true, false]);
    case 1:
      return random.pick(NUMBERS);
    case 2:
      return BigInt(random.u32()) * BigInt(random.pick([1, -1])) * 2n ** BigInt(random.below(31));
    case 3:
      return random.pick(TEXTS);
    case 4:
      return Uint8Array.from({ length: random.below(40) }, () => random.below(256));
    case 5:
      return random.below(1_000);
    case 6:
    case 7:
      return Array.from({ length: random.below(5) }, () => anyValue(random, depth + 1));
    default:
      return Object.fromEntries(
        Array.from({ length: random.below(5) }, () => [random.pick(KEYS), anyValue(random, depth + 1)]),
      );
  }
}

function pieces(stream: Buffer, random: Random): Buffer[] {
  const cuts = Array.from({ length: random.below(12) }, () => random.below(stream.length + 1)).sort((a, b) => a - b);
  return [...cuts, stream.length].map((end, at) => stream.subarray(at === 0 ? 0 : cuts[at - 1], end));
}

interface Read {
  readonly values: readonly unknown[];
  /** `taken`, or the name of the error that ended it. */
  readonly end: string;
  readonly findings: readonly string[];
}

/** As guest-channel.ts, guest-process.ts and component-tasks.ts read what they hear. */
function read({ kinds, parse }: Channel, chunks: readonly Buffer[]): Read {
  const reader = new FrameReader(kinds);
  const values: unknown[] = [];
  const findings: string[] = [];
  try {
    for (const chunk of chunks) {
      for (const { kind, value } of reader.push(chunk)) {
        findings.push(...faultsOf(kind, value));
        values.push(value);
        parsed(() => parse(kind, value), findings);
      }
    }
    return { values, end: 'taken', findings };
  } catch (error) {
    if (!isRefusal(error)) findings.push(`reading it threw ${textOf(error)}`);
    return { values, end: error instanceof Error ? error.name : 'nothing', findings };
  }
}

function parsed(parse: () => unknown, findings: string[]): void {
  try {
    parse();
  } catch (error) {
    if (!(error instanceof ProtocolViolation)) findings.push(`parsing a message threw ${textOf(error)}`);
  }
}

function faultsOf(kind: FrameKind, value: unknown): string[] {
  try {
    encodeValue(value, kind.maxCost * REPLACED_BYTES);
  } catch (error) {
    return [`a value of kind ${kind.id} was taken that cannot be sent: ${textOf(error)}`];
  }
  return isPlain(value) ? [] : ['a value is no plain data'];
}

function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'function' && typeof value !== 'symbol';
  if (value instanceof Uint8Array) return Object.getPrototypeOf(value) === Uint8Array.prototype;
  const isList = Array.isArray(value);
  if (Object.getPrototypeOf(value) !== (isList ? Array.prototype : Object.prototype)) return false;
  return Object.values(value).every(isPlain);
}

function isRefusal(error: unknown): boolean {
  return error instanceof ProtocolViolation || error instanceof MalformedValue;
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
