import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withoutNestedDocuments } from '../../src/dashboard/nested-documents';
import { renderedPage } from '../../src/dashboard/page';
import { WasiError } from '../../src/errors/wasi-error';

const LIMIT = 1_000;
const FRAME = '<iframe srcdoc="x"></iframe>';

describe('the page of a plugin', () => {
  it('has no frame with a document, however it is written', () => {
    const cases = [
      ['<iframe srcdoc="x">', '<iframe src_doc="x">'],
      ['<iframe SrcDoc=x><iframe SRCDOC=y>', '<iframe Src_Doc=x><iframe SRC_DOC=y>'],
      ['<iframe srcsrcdocdoc="x">', '<iframe srcsrc_docdoc="x">'],
      [
        '<!DOCTYPE r [<!ENTITY a "b"><!ATTLIST r c CDATA "d">]>',
        '<!DOCTYPE r [<!E_NTITY a "b"><!A_TTLIST r c CDATA "d">]>',
      ],
    ];
    for (const [page = '', harmless] of cases) assert.equal(withoutNestedDocuments(page), harmless);
    assert.equal(renderedPage('vandal', FRAME).html, '<iframe src_doc="x"></iframe>');
  });

  it('is as it was rendered otherwise', () => {
    const page = '<!doctype html><p>src doc ſrcdoc &#115;rcdoc</p><img src="data:,">';
    assert.equal(renderedPage('vandal', page).html, page);
  });

  it('with more of them than a page can need is refused, and not gone through to its end', () => {
    assert.equal(renderedPage('vandal', FRAME.repeat(LIMIT)).kind, 'rendered');
    assert.throws(
      () => renderedPage('vandal', FRAME.repeat(LIMIT + 1)),
      (error) =>
        error instanceof WasiError &&
        error.code === 'PLUGIN_ERROR' &&
        /^the page of plugin vandal has/.test(error.message),
    );
    // The one after it is looked through from its beginning.
    assert.equal(renderedPage('vandal', FRAME).html, '<iframe src_doc="x"></iframe>');
  });
});
