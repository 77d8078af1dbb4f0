import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { replaceUnsafe, safeText } from '../../src/platform/safe-text';

describe('safe text', () => {
  it('has no control characters, no line ends and no marks that reorder text', () => {
    assert.equal(safeText('\u001b[2Ja\r\nb\u2028c\u202Ed\u2066e\u0000'), '[2Ja b c d e');
  });

  it('keeps what people write, emoji and other scripts among it', () => {
    const text = 'Küche 21 °C – 湿度 👩‍🔬 שלום';
    assert.equal(safeText(text), text);
  });

  it('may have what its caller puts in the place of such characters', () => {
    assert.equal(
      replaceUnsafe('a\tb\u202E\u0007c', (run) => `<${run.length}>`),
      'a<1>b<2>c',
    );
  });
});
