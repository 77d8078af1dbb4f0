import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { errorPage } from '../../src/dashboard/error-page';
import { PAGE_HEADERS } from '../../src/dashboard/page-headers';

const directives = new Map(
  (PAGE_HEADERS['Content-Security-Policy'] ?? '').split('; ').map((directive): [string, string] => {
    const [name = '', ...values] = directive.split(' ');
    return [name, values.join(' ')];
  }),
);

describe('a page that a plugin wrote', () => {
  it('has an origin of its own: it reaches no storage, no cookie and no other page', () => {
    assert.equal(directives.get('sandbox'), 'allow-scripts');
  });

  it('loads nothing from elsewhere and sends nothing anywhere', () => {
    assert.equal(directives.get('default-src'), "'none'");
    assert.equal(directives.get('connect-src'), "'none'");
    assert.equal(directives.get('form-action'), "'none'");
    assert.equal(directives.get('base-uri'), "'none'");
    for (const [name, sources] of directives) assert.doesNotMatch(sources, /https?:|\*|blob:/, name);
  });

  it('is neither kept by caches nor taken for something else', () => {
    assert.equal(PAGE_HEADERS['Cache-Control'], 'no-store');
    assert.equal(PAGE_HEADERS['X-Content-Type-Options'], 'nosniff');
    assert.equal(PAGE_HEADERS['Content-Type'], 'text/html; charset=utf-8');
    assert.equal(PAGE_HEADERS['Referrer-Policy'], 'no-referrer');
  });

  it('can be shown: browsers refuse a sandboxed page with an opener policy', () => {
    assert.equal(PAGE_HEADERS['Cross-Origin-Opener-Policy'], undefined);
  });
});

describe('the page for a plugin that cannot render', () => {
  it('names plugin, code and message, and says that it comes back by itself', () => {
    const page = errorPage('dashboard', { code: 'PLUGIN_TRAPPED', message: 'dashboard trapped. It is started anew.' });
    assert.match(page, /^<!doctype html>/);
    for (const part of [
      'plugin dashboard',
      'PLUGIN_TRAPPED',
      'dashboard trapped. It is started anew.',
      'comes back by itself',
      'a new file in the plugin folder',
    ]) {
      assert.ok(page.includes(part), part);
    }
  });

  it('runs nothing that a guest put into its message or name', () => {
    const page = errorPage('<b>"x"', { code: 'PLUGIN_ERROR', message: `<script>alert('x')</script> & "` });
    assert.ok(page.includes('&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;'));
    assert.ok(!page.includes('<script'));
    assert.ok(!page.includes('<b>'));
  });
});
