import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { csvField } from '../../src/platform/csv-field';

describe('a field of CSV', () => {
  it('is quoted where it has to be (RFC 4180)', () => {
    assert.equal(csvField('plain'), 'plain');
    assert.equal(csvField('a,b'), '"a,b"');
    assert.equal(csvField('a "b"'), '"a ""b"""');
    assert.equal(csvField('a\nb'), '"a\nb"');
    assert.equal(csvField(''), '');
  });

  it('is never a formula of a spreadsheet, also with full-width signs', () => {
    for (const sign of ['=', '+', '-', '@', '\t', '＝', '＋', '－', '＠'])
      assert.equal(csvField(`${sign}cmd|' /C calc'!A0`), `'${sign}cmd|' /C calc'!A0`);
    assert.equal(csvField('\n=1'), `"'\n=1"`);
    assert.equal(csvField('\r=1'), `"'\r=1"`);
    assert.equal(csvField('=1,"x"'), `"'=1,""x"""`);
    assert.equal(csvField("it's - fine = so"), "it's - fine = so");
  });
});
