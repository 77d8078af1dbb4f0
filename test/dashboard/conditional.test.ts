import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { conditional } from '../../src/dashboard/conditional';
import { jsonAnswer, keptAnswer, streamedAnswer } from '../../src/dashboard/http-answer';

const KEPT = keptAnswer(jsonAnswer(200, ['a']));
const STREAMED = streamedAnswer('text/csv', 'run.7', ['a']);
const TAG = KEPT.headers['ETag'] ?? '';

describe('a browser that asks whether it still holds an answer', () => {
  for (const held of [TAG, `W/${TAG}`, `"other", ${TAG}`, `"",W/${TAG} `, '*']) {
    it(`is told so, without a body, for ${held}`, () => {
      const { status, headers, ...rest } = conditional(KEPT, held);
      assert.deepEqual([status, rest], [304, { body: '' }]);
      assert.deepEqual(headers, { 'Cache-Control': 'private, no-cache', ETag: TAG });
    });
  }

  for (const other of [undefined, '', '"other"', TAG.replaceAll('"', ''), `${TAG}x`, `w/${TAG}`, '"a" "b"']) {
    it(`is sent the answer for ${other}`, () => assert.equal(conditional(KEPT, other), KEPT));
  }

  it('is told so of what is sent in chunks, none of which is made', () => {
    assert.equal(conditional(STREAMED, 'W/"run.7"').status, 304);
    assert.equal(conditional(STREAMED, '"run.7"').status, 304);
    assert.equal(conditional(STREAMED, 'W/"run.8"'), STREAMED);
  });

  it('always gets errors and what is never kept', () => {
    for (const answer of [jsonAnswer(200, []), { ...KEPT, status: 404 }])
      assert.equal(conditional(answer, '*'), answer);
  });
});
