import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { encodeFrame, FrameReader, kindsById, ProtocolViolation } from '../../src/guest-process/frames';
import { FROM_GUEST, FROM_GUEST_KINDS, parseFromGuest } from '../../src/guest-process/guest-messages';
import { MalformedValue } from '../../src/guest-process/value-codec';

const KINDS = { small: { id: 1, maxCost: 100 }, large: { id: 2, maxCost: 100_000 } } as const;

function readAll(reader: FrameReader, chunks: readonly Buffer[]): unknown[] {
  return chunks.flatMap((chunk) => [...reader.push(chunk)].map(({ kind, value }) => [kind.id, value]));
}

describe('frames on a stream', () => {
  it('arrive whole and in order, wherever the stream is cut', () => {
    const sent = [
      encodeFrame(KINDS.small, 'a'),
      encodeFrame(KINDS.large, { text: 'x'.repeat(5_000) }),
      encodeFrame(KINDS.small, undefined),
    ];
    const stream = Buffer.concat(sent);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: stream.length })), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), stream.length];
        const chunks = places.slice(1).map((end, at) => stream.subarray(places[at], end));
        assert.deepEqual(readAll(new FrameReader(kindsById(KINDS)), chunks), [
          [1, 'a'],
          [2, { text: 'x'.repeat(5_000) }],
          [1, undefined],
        ]);
      }),
    );
  });

  it('are refused at their header where they are too long for their kind or of none', () => {
    const header = (length: number, id: number) => {
      const bytes = Buffer.alloc(5);
      bytes.writeUInt32LE(length, 0);
      bytes.writeUInt8(id, 4);
      return bytes;
    };
    for (const bytes of [header(200, 1), header(2 ** 31, 2), header(10, 9), header(0, 1)])
      assert.throws(() => readAll(new FrameReader(kindsById(KINDS)), [bytes]), ProtocolViolation);
  });
});

describe('what a guest sends', () => {
  it('is a message or a violation, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.constantFrom(...FROM_GUEST_KINDS.values()), fc.uint8Array({ maxLength: 60 }), (kind, body) => {
        const head = Buffer.alloc(5);
        head.writeUInt32LE(body.length + 1, 0);
        head.writeUInt8(kind.id, 4);
        try {
          for (const frame of new FrameReader(FROM_GUEST_KINDS).push(Buffer.concat([head, body])))
            parseFromGuest(frame.kind, frame.value);
        } catch (error) {
          assert.ok(error instanceof ProtocolViolation || error instanceof MalformedValue);
        }
      }),
      { numRuns: 20_000 },
    );
  });

  it('is a violation where a field is not what it may be', () => {
    const refused: [keyof typeof FROM_GUEST, unknown][] = [
      ['ready', { memoryBytes: -1 }],
      ['ready', undefined],
      ['ready', []],
      ['ready', new Uint8Array(1)],
      ['startFailed', { fault: { kind: 'other', message: '' } }],
      ['returned', { call: 1.5, value: 1, memoryBytes: 0 }],
      ['failed', { call: 1 }],
      ['deviceCall', { method: 1, args: [] }],
      ['deviceCall', { method: 'beep', args: {} }],
      ['output', { stream: 'other', line: '' }],
      ['warning', {}],
    ];
    for (const [kind, value] of refused)
      assert.throws(() => parseFromGuest(FROM_GUEST[kind], value), ProtocolViolation, `${kind}`);
  });
});
