/** What the process that reads a stranger's component answers is parsed as if the component had written it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { FROM_TASK, FROM_TASK_KINDS, parseTaskAnswer, type TaskAnswer } from '../../src/component-store/task-messages';
import { isErrorCode } from '../../src/errors/wasi-error';
import { encodeFrame, FrameReader, ProtocolViolation } from '../../src/guest-process/frames';
import { MalformedValue, ValueTooLarge } from '../../src/guest-process/value-codec';
import { anyValue } from '../fuzz/guest-values';

const RUNS = { seed: 20_261, numRuns: 5_000 };
const DIGEST = 'a'.repeat(64);
const KINDS = [...FROM_TASK_KINDS.values()];
const MANIFEST = {
  component: DIGEST,
  imports: ['edge:plugin/i2c@1.0.0'],
  exports: [],
  glue: DIGEST,
  modules: [{ file: 'plugin.core.wasm', digest: DIGEST, definesMemory: true, data: { digest: DIGEST, memory: 'm' } }],
};
const SHAPE = { imports: ['a'], exports: [] };

/** Undefined where it was refused as what no process of ours sends. */
function answerOf(kind: (typeof KINDS)[number], value: unknown): TaskAnswer | undefined {
  try {
    return parseTaskAnswer(kind, value);
  } catch (error) {
    assert.ok(error instanceof ProtocolViolation, String(error));
    return undefined;
  }
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function assertSound(answer: TaskAnswer): void {
  switch (answer.kind) {
    case 'prepared': {
      const { component, glue, imports, exports, modules } = answer.manifest;
      const digests = [component, glue, ...modules.flatMap(({ digest, data }) => [digest, data?.digest ?? DIGEST])];
      for (const digest of digests) assert.match(digest, /^[0-9a-f]{64}$/);
      for (const { file } of modules) assert.match(file, /^plugin\.core\d*\.wasm$/);
      assert.ok(isTexts(imports) && isTexts(exports));
      return;
    }
    case 'inspected': {
      const { digest, sizeBytes, imports, exports } = answer.component;
      assert.ok(typeof digest === 'string' && typeof sizeBytes === 'number' && isTexts(imports) && isTexts(exports));
      return;
    }
    case 'not-admitted':
      assert.ok(isTexts(answer.shape.imports) && isTexts(answer.shape.exports));
      return;
    case 'hindered':
      assert.equal(typeof answer.message, 'string');
      return;
    case 'failed':
      assert.ok(isErrorCode(answer.code) && typeof answer.message === 'string');
  }
}

describe('an answer of the process that prepares components', () => {
  it('is read where it is what one of ours sends', () => {
    const sent: readonly [keyof typeof FROM_TASK, Record<string, unknown>, TaskAnswer][] = [
      ['prepared', { manifest: { ...MANIFEST, more: 1 } }, { kind: 'prepared', manifest: MANIFEST }],
      [
        'inspected',
        { ...SHAPE, digest: DIGEST, sizeBytes: 7 },
        { kind: 'inspected', component: { ...SHAPE, digest: DIGEST, sizeBytes: 7 } },
      ],
      ['not-admitted', SHAPE, { kind: 'not-admitted', shape: SHAPE }],
      [
        'hindered',
        { code: 'SYSTEM_SHORTAGE', message: 'full' },
        { kind: 'hindered', code: 'SYSTEM_SHORTAGE', message: 'full' },
      ],
      ['failed', { code: 'PLUGIN_INVALID', message: 'x' }, { kind: 'failed', code: 'PLUGIN_INVALID', message: 'x' }],
    ];
    for (const [kind, value, expected] of sent) assert.deepEqual(parseTaskAnswer(FROM_TASK[kind], value), expected);
  });

  it('is sound or a violation, whatever its fields are', () => {
    const module = fc.record(
      { file: anyValue, digest: anyValue, definesMemory: anyValue, data: anyValue },
      { requiredKeys: [] },
    );
    const manifest = fc
      .record(
        { component: anyValue, imports: anyValue, exports: anyValue, glue: anyValue, modules: fc.array(module) },
        { requiredKeys: [] },
      )
      .map((changes) => ({ ...MANIFEST, ...changes }));
    const fields = fc
      .record(
        {
          manifest: fc.oneof(anyValue, manifest),
          imports: anyValue,
          exports: anyValue,
          digest: anyValue,
          sizeBytes: anyValue,
          message: anyValue,
          code: fc.oneof(
            anyValue,
            fc.constantFrom('toString', '__proto__', 'constructor', 'PLUGIN_INVALID', 'PLUGIN_STORAGE'),
          ),
        },
        { requiredKeys: [] },
      )
      .map((changes) => ({ ...SHAPE, digest: DIGEST, sizeBytes: 1, message: '', code: 'SYSTEM_SHORTAGE', ...changes }));
    let sound = 0;
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), fc.oneof(anyValue, fields), (kind, value) => {
        const answer = answerOf(kind, value);
        if (!answer) return;
        sound += 1;
        assertSound(answer);
      }),
      RUNS,
    );
    assert.ok(sound > 50, `${sound} were sound`);
  });

  it('is refused with one field that is not what it may be', () => {
    const refused: readonly [keyof typeof FROM_TASK, unknown][] = [
      ['prepared', { manifest: { ...MANIFEST, component: '../../x' } }],
      ['prepared', { manifest: { ...MANIFEST, glue: `${DIGEST}\n` } }],
      ['prepared', { manifest: { ...MANIFEST, modules: [{ ...MANIFEST.modules[0], file: '../x.wasm' }] } }],
      ['prepared', MANIFEST],
      ['inspected', { ...SHAPE, digest: DIGEST }],
      ['inspected', { ...SHAPE, imports: [1], digest: DIGEST, sizeBytes: 1 }],
      ['inspected', { ...SHAPE, imports: 'a', digest: DIGEST, sizeBytes: 1 }],
      ['not-admitted', { imports: [] }],
      ['hindered', { message: ['x'] }],
      ['failed', { code: 'toString', message: 'x' }],
      ['failed', { code: 'PLUGIN_INVALID' }],
      ...KINDS.flatMap((_, at): [keyof typeof FROM_TASK, unknown][] => {
        const kind = Object.keys(FROM_TASK)[at] as keyof typeof FROM_TASK;
        return [undefined, null, 1, 'x', [], new Uint8Array(3)].map((value) => [kind, value]);
      }),
    ];
    for (const [kind, value] of refused)
      assert.throws(
        () => parseTaskAnswer(FROM_TASK[kind], value),
        ProtocolViolation,
        `${kind} ${JSON.stringify(value)}`,
      );
  });

  it('costs no more than it may, and its bytes are an answer or a fault', () => {
    assert.throws(
      () => encodeFrame(FROM_TASK.failed, { code: 'PLUGIN_INVALID', message: 'x'.repeat(20_000) }),
      ValueTooLarge,
    );
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), fc.uint8Array({ maxLength: 80 }), (kind, body) => {
        const head = Buffer.alloc(5);
        head.writeUInt32LE(body.length + 1, 0);
        head.writeUInt8(kind.id, 4);
        try {
          for (const frame of new FrameReader(FROM_TASK_KINDS).push(Buffer.concat([head, body])))
            assertSound(parseTaskAnswer(frame.kind, frame.value));
        } catch (error) {
          assert.ok(error instanceof ProtocolViolation || error instanceof MalformedValue, String(error));
        }
      }),
      RUNS,
    );
  });
});
