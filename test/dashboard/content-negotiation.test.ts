import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type MediaForm, preferredForm } from '../../src/dashboard/content-negotiation';

const TEXT: MediaForm = { type: 'text', subtype: 'plain', parameters: { version: '0.0.4', charset: 'utf-8' } };
const OPEN: MediaForm = {
  type: 'application',
  subtype: 'openmetrics-text',
  parameters: { version: '1.0.0', charset: 'utf-8', escaping: undefined },
};

const OPEN_V1 = 'application/openmetrics-text; version=1.0.0';

function chosen(accept: string | undefined): string {
  return preferredForm(accept, [TEXT, OPEN]).subtype;
}

describe('the form that a request prefers', () => {
  for (const [accept, expected] of [
    [undefined, 'plain'],
    ['', 'plain'],
    ['*/*', 'plain'],
    [OPEN_V1, 'openmetrics-text'],
    ['application/openmetrics-text', 'openmetrics-text'],
    ['application/*', 'openmetrics-text'],
    ['text/*', 'plain'],
    ['Application/OpenMetrics-Text;Version="1.0.0";Charset=UTF-8', 'openmetrics-text'],
    // Qualities.
    [`${OPEN_V1};q=0.5, text/plain;version=0.0.4;q=0.3`, 'openmetrics-text'],
    [`${OPEN_V1};q=0.3, text/plain;version=0.0.4;q=0.5`, 'plain'],
    [`${OPEN_V1};Q=0.301,text/plain;q=0.3`, 'openmetrics-text'],
    [`${OPEN_V1};q=0`, 'plain'],
    [`${OPEN_V1};q=0.000, */*`, 'plain'],
    ['text/plain;q=0, */*', 'openmetrics-text'],
    ['text/*;q=0, */*;q=0.1', 'openmetrics-text'],
    // The most specific range decides, whatever stands first and whichever quality is higher.
    ['*/*;q=1, text/plain;q=0.2, application/openmetrics-text;q=0.1', 'plain'],
    [`*/*;q=0.9, ${OPEN_V1};q=0.2, text/plain;q=0.1`, 'openmetrics-text'],
    [`application/openmetrics-text;q=0.9, ${OPEN_V1};q=0.1, text/plain;q=0.5`, 'plain'],
    ['application/openmetrics-text;q=0.1, application/openmetrics-text;q=0.8, text/plain;q=0.5', 'openmetrics-text'],
    // Equally welcome: the one that is named, else the first.
    [`${OPEN_V1}, */*`, 'openmetrics-text'],
    [`${OPEN_V1}, text/plain;version=0.0.4`, 'plain'],
    // Another version is another thing.
    ['application/openmetrics-text; version=0.0.1', 'plain'],
    ['application/openmetrics-text; version=0.0.1, */*;q=0.1', 'plain'],
    ['text/plain;version=1.0.0;q=0.9, application/openmetrics-text;q=0.2', 'openmetrics-text'],
    ['application/openmetrics-text; encoding=delimited', 'plain'],
    ['application/openmetrics-text; __proto__=1', 'plain'],
    // What is neither: the first all the same.
    ['text/html, application/json;q=0.9', 'plain'],
    ['text/plain;q=0, application/openmetrics-text;q=0', 'plain'],
    // A browser, and what scrapers send: Prometheus 2.42, 3.x, 2.20.
    ['text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8', 'plain'],
    [
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      'openmetrics-text',
    ],
    [
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
      'openmetrics-text',
    ],
    ['application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1', 'plain'],
    // Separators within quotes, and what has no form at all: it is as if it were not there.
    [`text/html;x="a,${OPEN_V1}\\",b", text/plain;q=0.1`, 'plain'],
    [`text/html;x="a;q=1\\"", ${OPEN_V1};q=0.1`, 'openmetrics-text'],
    [`${OPEN_V1};q=2`, 'plain'],
    [`${OPEN_V1};q=-1`, 'plain'],
    [`${OPEN_V1};q=0.1234`, 'plain'],
    [`${OPEN_V1};q=`, 'plain'],
    ['*/openmetrics-text', 'plain'],
    ['*; q=.2, application/openmetrics-text', 'openmetrics-text'],
    [',, ,application/openmetrics-text;;q=1 ,', 'openmetrics-text'],
    ['"', 'plain'],
  ] as const)
    it(`is ${expected} by "${accept}"`, () => assert.equal(chosen(accept), expected));

  it('is found in the longest header there can be', () => {
    for (const piece of ['a/b;', ',', '"\\', 'application/openmetrics-text;x="', '*/*;q=0.', 'a/b;c="\\\\'])
      assert.equal(chosen(piece.repeat(64_000 / piece.length)), 'plain');
  });
});
