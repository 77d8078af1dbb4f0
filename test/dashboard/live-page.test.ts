import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { LivePage } from '../../src/dashboard/live-page';
import type { Page } from '../../src/dashboard/page';
import { WasiError } from '../../src/errors/wasi-error';
import { FakeClock, settled } from './fake-clock';

let clock: FakeClock;
let renders: number[];
let shown: Page[];
let render: () => Promise<string | null>;
let live: LivePage;

beforeEach(() => {
  clock = new FakeClock();
  renders = [];
  shown = [];
  render = async () => `<p>${renders.length}</p>`;
  live = new LivePage({
    plugin: 'dashboard',
    clock,
    render: () => {
      renders.push(clock.now());
      return render();
    },
    onPage: (page) => shown.push(page),
  });
});

describe('a page that is watched', () => {
  it('is rendered at once for the first who comes, and not again for the others', async () => {
    live.watch();
    live.watch();
    live.watch();
    await clock.pass(5_000);
    assert.deepEqual(renders, [0]);
  });

  it('is rendered once for what one action changes, within 250 ms', async () => {
    live.watch();
    await clock.pass(5_000);
    for (let event = 0; event < 10; event += 1) live.changed();
    await clock.pass(5_000);
    assert.deepEqual(renders, [0, 5_100]);
    assert.deepEqual(
      shown.map(({ html }) => html),
      ['<p>1</p>', '<p>2</p>'],
    );
  });

  it('is rendered at most twice a second, and the last change is in it', async () => {
    live.watch();
    for (let ms = 0; ms < 3_000; ms += 20) {
      live.changed();
      await clock.pass(20);
    }
    await clock.pass(1_000);
    for (let i = 1; i < renders.length; i += 1)
      assert.ok((renders[i] ?? 0) - (renders[i - 1] ?? 0) >= 500, `${renders}`);
    assert.ok((renders.at(-1) ?? 0) >= 2_980, 'the last change was not rendered');
    assert.ok(renders.length <= 8, `${renders}`);
  });

  it('is rendered again for a change in the middle of a render', async () => {
    let finish: (html: string) => void = () => undefined;
    render = () => new Promise((resolve) => (finish = resolve));
    live.watch();
    await clock.pass(200);
    live.changed();
    await clock.pass(2_000);
    assert.equal(renders.length, 1, 'two renders ran at once');
    finish('old');
    await clock.pass(2_000);
    finish('new');
    await settled();
    assert.deepEqual(
      shown.map(({ html }) => html),
      ['old', 'new'],
    );
  });

  it('is not told anew where it looks as before', async () => {
    render = async () => 'the same';
    live.watch();
    await clock.pass(1_000);
    live.changed();
    await clock.pass(1_000);
    assert.equal(renders.length, 2);
    assert.equal(shown.length, 1);
  });

  it('is renewed every 30 s without a change, as readings grow old', async () => {
    live.watch();
    await clock.pass(65_000);
    assert.deepEqual(renders, [0, 30_000, 60_000]);
  });

  it('comes back by itself after a failure, and says meanwhile what happened', async () => {
    render = async () => {
      if (renders.length < 3) throw new WasiError('PLUGIN_BACKOFF', 'it rests');
      return 'back';
    };
    live.watch();
    await clock.pass(11_000);
    assert.deepEqual(
      shown.map(({ kind }) => kind),
      ['failed', 'rendered'],
    );
    assert.match(shown[0]?.html ?? '', /PLUGIN_BACKOFF[\s\S]*it rests/);
    assert.deepEqual(renders, [0, 5_000, 10_000]);
  });
});

describe('a page that nobody watches', () => {
  it('is not rendered, whatever changes', async () => {
    const leave = live.watch();
    await clock.pass(1_000);
    leave();
    live.changed();
    await clock.pass(60_000);
    assert.equal(renders.length, 1);
    assert.equal(clock.timers, 0);
  });

  it('is rendered when somebody comes and something changed since, and only then', async () => {
    live.watch()();
    await live.current();
    live.watch()();
    await clock.pass(5_000);
    assert.equal(renders.length, 1);
    live.changed();
    live.watch();
    await clock.pass(5_000);
    assert.equal(renders.length, 2);
  });

  it('is there for a request without a render where nothing changed', async () => {
    assert.equal((await live.current()).html, '<p>1</p>');
    assert.equal((await live.current()).html, '<p>1</p>');
    assert.equal(renders.length, 1);
    live.changed();
    const asked = [live.current(), live.current(), live.current()];
    await clock.pass(500);
    for (const page of await Promise.all(asked)) assert.equal(page.html, '<p>2</p>');
    assert.deepEqual(renders, [0, 500]);
  });

  it('that is older than 30 s is rendered for a request', async () => {
    await live.current();
    await clock.pass(31_000);
    assert.equal((await live.current()).html, '<p>2</p>');
  });
});

describe('a request for a page', () => {
  it('is answered within 2.5 s: with the page before, or with the word that it is on its way', async () => {
    render = () => new Promise(() => undefined);
    const first = live.current();
    await clock.pass(2_500);
    assert.equal((await first).kind, 'waiting');
  });

  it('of who wants no older one waits for it, and shares the render', async () => {
    let finish: (html: string) => void = () => undefined;
    await live.newest();
    render = () => new Promise((resolve) => (finish = resolve));
    live.changed();
    const asked = [live.newest(), live.newest()];
    await clock.pass(20_000);
    finish('new');
    for (const page of await Promise.all(asked)) assert.equal(page.html, 'new');
    assert.equal((await live.newest()).html, 'new');
    assert.equal(renders.length, 2);
  });

  it('of who wants no older one tries what failed again as seldom as for those who watch', async () => {
    render = async () => {
      throw new WasiError('PLUGIN_BACKOFF', 'it rests');
    };
    for (let ms = 0; ms < 10_000; ms += 500) {
      assert.equal((await live.newest()).kind, 'failed');
      await clock.pass(500);
    }
    assert.deepEqual(renders, [0, 5_000]);
  });

  it('leaves no timer behind', async () => {
    await live.current();
    assert.equal(clock.timers, 0);
  });

  it('is answered once the page is closed, too', async () => {
    await live.current();
    live.changed();
    const asked = live.current();
    live.watch();
    live.close();
    assert.equal((await asked).kind, 'rendered');
    await clock.pass(60_000);
    assert.equal(renders.length, 1);
    assert.equal(clock.timers, 0);
    assert.match((await live.current()).html, /<p>1<\/p>|RUNTIME_CLOSED/);
  });

  it('for a disabled plugin says how to enable it', async () => {
    render = async () => null;
    const page = await live.current();
    assert.equal(page.kind, 'failed');
    assert.match(page.html, /enabled = true in \[plugins\.dashboard\]/);
  });
});
