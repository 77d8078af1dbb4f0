import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { browserCode } from '../../src/dashboard/browser-code';
import { renderedPage } from '../../src/dashboard/page';
import { SHELL_HEADERS, Shell } from '../../src/dashboard/shell';

const ATTACK = `"><script>alert(1)</script>&quot;'</title></iframe>`;
const CODE = { guard: 'GUARD', shell: 'SHELL', frame: 'FRAME', worker: 'WORKER' };

function directives(policy: string | undefined): Map<string, string> {
  return new Map(
    (policy ?? '').split('; ').map((directive): [string, string] => {
      const [name = '', ...values] = directive.split(' ');
      return [name, values.join(' ')];
    }),
  );
}

describe('the shell around a page', () => {
  const document = [...new Shell(ATTACK, ATTACK, CODE).document(renderedPage('dashboard', ATTACK), './')].join('');
  const policy = directives(SHELL_HEADERS['Content-Security-Policy']);

  it('lets no page, no name and no title out of where they belong', () => {
    const [, srcdoc = ''] = / srcdoc="([^"]*)"/.exec(document) ?? [];
    assert.ok(srcdoc.endsWith("&quot;><script>alert(1)</script>&amp;quot;'</title></iframe>"), srcdoc);
    const around = document.replace(srcdoc, '');
    assert.ok(!around.includes('alert(1)</script>'), around);
    assert.equal(around.match(/<script>/g)?.length, 2);
  });

  it('gives its frame scripts and nothing else', () => {
    assert.equal(/ sandbox="([^"]*)"/.exec(document)?.[1], 'allow-scripts');
    assert.doesNotMatch(document, /<iframe[^>]* (?:allow|src|name)="/);
  });

  it('says first in the frame what holds there, and how long its own part is', () => {
    const [, srcdoc = ''] = / srcdoc="([^"]*)"/.exec(document) ?? [];
    assert.ok(
      srcdoc.startsWith(
        '<!doctype html><meta charset=&quot;utf-8&quot;><meta http-equiv=&quot;Content-Security-Policy&quot;',
      ),
    );
    const length = Number(/ data-prefix="(\d+)"/.exec(document)?.[1]);
    const frame = srcdoc.replaceAll('&quot;', '"').replaceAll('&amp;', '&');
    assert.equal(frame.slice(length), ATTACK);
    assert.match(frame.slice(0, length), /<script>FRAME<\/script>$/);
    const own = directives(/Content-Security-Policy" content="([^"]*)"/.exec(frame)?.[1]);
    for (const name of ['default-src', 'connect-src', 'worker-src', 'frame-src', 'form-action', 'base-uri']) {
      assert.equal(own.get(name), "'none'", name);
    }
    assert.equal(own.get('require-trusted-types-for'), "'script'");
    assert.equal(own.get('trusted-types'), 'default');
  });

  it('may connect to where it came from and to nowhere else; its frame may go nowhere', () => {
    assert.equal(policy.get('default-src'), "'none'");
    assert.equal(policy.get('connect-src'), "'self'");
    assert.equal(policy.get('worker-src'), "'self'");
    assert.equal(policy.get('frame-src'), "'none'");
    assert.equal(policy.get('frame-ancestors'), "'self'");
    assert.equal(SHELL_HEADERS['Connection-Allowlist'], '(response-origin)');
    for (const [name, sources] of policy) assert.doesNotMatch(sources, /https?:|\*|blob:/, name);
  });

  it('is another build where its scripts, its title or its plugin are others', () => {
    const builds = [
      new Shell('a', 'dashboard', CODE),
      new Shell('b', 'dashboard', CODE),
      new Shell('a', 'other', CODE),
      new Shell('a', 'dashboard', { ...CODE, frame: 'OTHER' }),
      new Shell('a', 'dashboard', { ...CODE, worker: 'OTHER' }),
      new Shell('a', 'dashboard', { ...CODE, guard: 'OTHER' }),
    ].map(({ build }) => build);
    assert.equal(new Set(builds).size, builds.length);
    assert.equal(new Shell('a', 'dashboard', CODE).build, builds[0]);
  });

  it('is small', () => {
    const real = [
      ...new Shell('Edge sensors', 'dashboard', browserCode()).document(renderedPage('dashboard', ''), './'),
    ].join('');
    assert.ok(real.length < 32 * 2 ** 10, `${real.length} characters without a page`);
  });

  it('is made in pieces around a long page, and has all of it', () => {
    const html = `<p title="${'&"\u{1F525}'.repeat(50_000)}">`;
    const pieces = [...new Shell('Edge sensors', 'dashboard', CODE).document(renderedPage('dashboard', html), './')];
    for (const piece of pieces) assert.ok(piece.length <= 6 * 8_193);
    assert.ok(pieces.length <= html.length / 8_192 + 6, `${pieces.length} pieces`);
    const escaped = html.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
    assert.ok(Buffer.concat(pieces.map((piece) => Buffer.from(piece))).includes(Buffer.from(escaped)));
  });
});
