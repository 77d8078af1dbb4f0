/**
 * Many tabs of dashboards in one browser, beside Node-RED's editor: they share one stream, so that all of them are there, and
 * what one of them shows as live is the newest page, whatever became of the others.
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { type FlowNode, inlineRuntime } from '../system/flow-nodes';
import { noBrowser } from './chromium';
import { Front } from './front';
import { DATA, pagePlugin } from './page-plugins';
import { crash, freeze, RealTabs, type RealTabsOptions } from './real-tabs';
import { LIMIT, type Look, siteFlow, siteNode, WatchedSite } from './watched-site';

const MANY = 10;
/** Ten windows, a process each, on two processors that others use as well. */
const MANY_LIMIT = { timeout: 300_000 };
/** Of the six connections that a browser opens to a host; as many are left for everything else. */
const MAX_STREAMS = 3;

/** Says when it became another page. */
const PAGE = `<!doctype html><html lang="en"><title>x</title><body><pre id="data">${DATA}</pre>
<script>document.addEventListener('wasi-update',()=>window.updatedAt=Date.now())</script></body></html>`;
const TOML = '[plugins.stamped]\nenabled = true\n';
const PATHS = Array.from({ length: 5 }, (_, index) => `/path-${index}`);
const runtimeOf = (path: string): string => `runtime-${path.slice(1)}`;

/** Each with a runtime of its own, that nothing polls; runtimes of equal properties would be one. */
function pathNodes(path: string): FlowNode[] {
  return [
    inlineRuntime(runtimeOf(path), `${TOML}[plugins.stamped.settings]\npath = "${path}"\n`),
    siteNode(`site-${path.slice(1)}`, 'stamped', path, { runtime: runtimeOf(path) }),
  ];
}

let site: WatchedSite;
let front: Front;
let tabs: RealTabs;

if (noBrowser === false) {
  before(async () => {
    site = await WatchedSite.open({ texts: { 'wasi/plugins/.keep': '' } });
    await site.addPlugin('stamped', await pagePlugin(PAGE));
    await site.nodeRed.deploy(
      siteFlow(TOML, siteNode('site', 'stamped', '/wasi'), ...PATHS.flatMap((path) => pathNodes(path))),
    );
    for (const path of ['/wasi', ...PATHS]) {
      await site.nodeRed.until(`${path} is there`, async () => (await site.nodeRed.request(path)).ok);
    }
  }, MANY_LIMIT);
  after(() => site?.close());
}

/** Whatever a test opened is closed after it. */
function inEach(options: RealTabsOptions = {}): void {
  beforeEach(async () => {
    front = await Front.open(site.nodeRed.url);
    tabs = await RealTabs.open(options);
  });
  afterEach(async () => {
    await tabs?.close();
    await front?.close();
  });
}

async function windows(url: string, count = MANY): Promise<Look[]> {
  const looks: Look[] = [];
  for (let index = 0; index < count; index += 1) looks.push(await tabs.window(url));
  for (const look of looks) {
    await look.isConnected();
    assert.equal(await look.page.evaluate(() => document.visibilityState), 'visible');
  }
  return looks;
}

async function dataOf(look: Look): Promise<string> {
  return (await look.plugin.locator('#data').textContent()) ?? '';
}

/** The time of the newest reading that a text has in it; 0 without one. */
function newestIn(text: string): number {
  return Math.max(0, ...[...text.matchAll(/"timestamp":(\d+)/g)].map(([, digits]) => Number(digits)));
}

/** One more reading, which all of them show in the end. Its time. */
async function readingReaches(...looks: readonly Look[]): Promise<number> {
  const before = newestIn(await site.nodeRed.text('/wasi/page'));
  await site.nodeRed.inject('go');
  const newest = await site.nodeRed.until('there is a reading', async () => {
    const time = newestIn(await site.nodeRed.text('/wasi/page'));
    return time > before && time;
  });
  for (const look of looks) {
    await site.nodeRed.until('it is shown', async () => newestIn(await dataOf(look)) >= newest);
    await look.isConnected();
  }
  return newest;
}

async function editorOpens(): Promise<void> {
  const editor = await tabs.window(site.nodeRed.url);
  await editor.page.locator('.red-ui-palette-node[data-palette-type="plugin-poll"]').waitFor();
  await editor.page.locator('#red-ui-loading-progress').waitFor({ state: 'hidden' });
}

async function streamsAre(count: number): Promise<void> {
  await site.nodeRed.until(`${count} streams`, () => front.streams.length === count);
}

/** From now on it notes, at every picture that the browser draws, whether it is shown as live. */
async function watchPictures({ page }: Look): Promise<void> {
  await page.evaluate(() => {
    const pictures: Picture[] = [];
    Reflect.set(window, 'pictures', pictures);
    const note = (): void => {
      const isPale = document.documentElement.classList.contains('old');
      const isLive = document.querySelector('#state')?.className === 'live';
      if (document.visibilityState === 'visible') pictures.push({ at: Date.now(), fresh: isLive && !isPale });
      requestAnimationFrame(note);
    };
    document.addEventListener('visibilitychange', () => pictures.splice(0));
    requestAnimationFrame(note);
  });
}

interface Picture {
  readonly at: number;
  readonly fresh: boolean;
}

/** It was shown as live no sooner than it showed the newest page. */
async function wasNeverOldAsLive(look: Look): Promise<void> {
  await look.page.locator('html:not(.old) #state.live').waitFor();
  await site.nodeRed.until('it is drawn', () => {
    return look.page.evaluate(() => Reflect.get(window, 'pictures').some(({ fresh }: Picture) => fresh));
  });
  const pictures: readonly Picture[] = await look.page.evaluate(() => Reflect.get(window, 'pictures'));
  const updatedAt = await look.inFrame((): number => Reflect.get(window, 'updatedAt'));
  const early = pictures.filter(({ at, fresh }) => fresh && at < updatedAt);
  assert.deepEqual(early, [], `it became the newest page at ${updatedAt}`);
}

describe('ten windows of one page', { skip: noBrowser }, () => {
  inEach();

  it('are live side by side, and the editor opens beside them', MANY_LIMIT, async () => {
    const looks = await windows(`${site.nodeRed.url}/wasi`);
    await editorOpens();
    await readingReaches(...looks);
  });

  it('share one stream, which ends with the last of them', MANY_LIMIT, async () => {
    const looks = await windows(`${front.url}/wasi`);
    await streamsAre(1);
    await readingReaches(...looks);
    assert.equal(front.streams.length, 1);
    for (const { page } of looks) await page.close();
    await streamsAre(0);
  });

  it('go on when the first of them is closed', LIMIT, async () => {
    const [first, ...others] = await windows(`${front.url}/wasi`, 3);
    await first?.page.close();
    await readingReaches(...others);
    await streamsAre(1);
  });

  it('go on when the first of them crashes, in whose process the stream is', LIMIT, async () => {
    const [first, ...others] = await windows(`${front.url}/wasi`, 3);
    assert.ok(first);
    await streamsAre(1);
    await crash(first);
    await readingReaches(...others);
    await streamsAre(1);
  });

  it('say together that the connection is gone, and come back together', LIMIT, async () => {
    const looks = await windows(`${front.url}/wasi`, 3);
    front.state = { kind: 'cut' };
    for (const look of looks) await look.hasBanner(/^No connection to Node-RED since \d\d:\d\d\./);
    front.state = { kind: 'open' };
    await readingReaches(...looks);
    for (const look of looks) await look.hasNoBanner();
    await streamsAre(1);
  });
});

describe('a hidden tab', { skip: noBrowser }, () => {
  inEach();

  it('holds no stream after a while; when it is seen again it shows nothing old as live', LIMIT, async () => {
    const look = await tabs.tab(`${front.url}/wasi`);
    await readingReaches(look);
    await watchPictures(look);
    await streamsAre(1);
    const other = await tabs.tab('about:blank');
    await streamsAre(0);
    await readingReaches();
    await look.page.bringToFront();
    await wasNeverOldAsLive(look);
    await readingReaches(look);
    await other.page.close();
  });

  it('that was frozen shows nothing old as live, and those beside it went on', LIMIT, async () => {
    const other = await tabs.tab('about:blank');
    const look = await tabs.tab(`${front.url}/wasi`);
    const beside = await tabs.window(`${front.url}/wasi`);
    await readingReaches(look, beside);
    await watchPictures(look);
    await other.page.bringToFront();
    await freeze(look);
    const newest = await readingReaches(beside);
    await look.page.bringToFront();
    await wasNeverOldAsLive(look);
    assert.ok(newestIn(await dataOf(look)) >= newest);
  });
});

describe('windows of several paths', { skip: noBrowser }, () => {
  inEach();

  it('show each its own, and leave connections for the editor', MANY_LIMIT, async () => {
    const shown = new Map<string, Look[]>();
    for (const path of ['/wasi', ...PATHS]) {
      shown.set(path, await windows(`${front.url}${path}`, 2));
    }
    await streamsAre(MAX_STREAMS);
    const newest = await readingReaches(...(shown.get('/wasi') ?? []));
    for (const path of PATHS) {
      for (const look of shown.get(path) ?? []) {
        await look.isConnected();
        assert.ok(newestIn(await dataOf(look)) < newest, `${path} shows what belongs to /wasi`);
      }
    }
    assert.equal(front.streams.length, MAX_STREAMS);
  });
});

describe('the frame of a plugin', { skip: noBrowser }, () => {
  inEach();

  it('neither hears nor says a word where tabs and workers hear each other', LIMIT, async () => {
    const look = await tabs.window(`${front.url}/wasi`);
    await look.isConnected();
    const listen = (): void => {
      const heard: unknown[] = [];
      Reflect.set(window, 'heard', heard);
      const channel = new BroadcastChannel('edge-wasi.streams');
      channel.addEventListener('message', ({ data }) => heard.push(data));
      Reflect.set(window, 'forge', () => channel.postMessage({ since: 0, lot: 0.5 }));
    };
    await look.inFrame(listen);
    await look.page.evaluate(listen);
    const heardByShell = (): Promise<{ since: number }[]> => look.page.evaluate(() => Reflect.get(window, 'heard'));
    for (let forged = 1; forged <= 3; forged += 1) {
      const before = (await heardByShell()).length;
      await look.inFrame(() => Reflect.get(window, 'forge')());
      await site.nodeRed.until('the worker tells of itself', async () => (await heardByShell()).length > before + 1);
    }
    assert.deepEqual(await look.inFrame((): unknown => Reflect.get(window, 'heard')), []);
    assert.ok((await heardByShell()).every(({ since }) => since > 0));
    const build = await look.page.locator('html').getAttribute('data-build');
    const [, frame] = look.page.frames();
    const refusal = await frame?.evaluate((url) => {
      try {
        return `it has a worker: ${new SharedWorker(url)}`;
      } catch (error) {
        return String(error);
      }
    }, `${front.url}/wasi/stream.js?build=${build}`);
    assert.match(refusal ?? '', /^SecurityError/);
  });
});

interface Fallback {
  readonly browser: string;
  readonly options?: RealTabsOptions;
  /** Runs in each page first. */
  readonly script?: string;
  /** Whether the browser is what it should be. */
  readonly isSo: () => boolean;
}

const FALLBACKS: readonly Fallback[] = [
  {
    browser: 'that has no shared workers',
    script: 'delete window.SharedWorker',
    isSo: () => !('SharedWorker' in window),
  },
  {
    browser: 'whose shared workers never answer',
    script: 'window.SharedWorker=class{port=new MessageChannel().port1;addEventListener(){}}',
    isSo: () => String(SharedWorker).includes('MessageChannel'),
  },
  {
    browser: 'that blocks cookies, and storage and shared workers with them',
    options: { preferences: { profile: { default_content_setting_values: { cookies: 2 } } } },
    isSo: () => {
      try {
        return localStorage.length < 0;
      } catch {
        return true;
      }
    },
  },
];

for (const { browser, options, script, isSo } of FALLBACKS) {
  describe(`a browser ${browser}`, { skip: noBrowser }, () => {
    inEach(options);

    it('is shown live pages without a stream, and nothing old as live in a tab that was hidden', LIMIT, async () => {
      if (script !== undefined) await tabs.context.addInitScript(script);
      const look = await tabs.tab(`${front.url}/wasi`);
      assert.ok(await look.page.evaluate(isSo));
      await readingReaches(look);
      await watchPictures(look);
      await tabs.tab('about:blank');
      await readingReaches();
      await look.page.bringToFront();
      await wasNeverOldAsLive(look);
      await readingReaches(look);
      assert.deepEqual(front.streams, []);
    });
  });
}

describe('ten windows of a browser that has no shared workers', { skip: noBrowser }, () => {
  inEach();

  it('are live side by side, and the editor opens beside them', MANY_LIMIT, async () => {
    await tabs.context.addInitScript('delete window.SharedWorker');
    const looks = await windows(`${site.nodeRed.url}/wasi`);
    await editorOpens();
    await readingReaches(...looks);
  });
});

describe('a page by http from another machine', { skip: noBrowser }, () => {
  inEach({ args: ['--host-resolver-rules=MAP plant.test 127.0.0.1'] });

  it('is no secure context, and its windows share one stream as well', LIMIT, async () => {
    const looks = await windows(`http://plant.test:${front.port}/wasi`, 3);
    assert.equal(await looks[0]?.page.evaluate(() => isSecureContext), false);
    await streamsAre(1);
    await readingReaches(...looks);
  });
});

describe('pages in a private window', { skip: noBrowser }, () => {
  it('share one stream among themselves', MANY_LIMIT, async () => {
    front = await Front.open(site.nodeRed.url);
    try {
      const look = await site.look('/wasi', {}, front.url);
      const pages = [look.page];
      while (pages.length < MANY) pages.push(await look.page.context().newPage());
      for (const page of pages) {
        await page.goto(`${front.url}/wasi`);
        await page.locator('#state.live').waitFor();
      }
      await streamsAre(1);
      await look.close();
      await streamsAre(0);
    } finally {
      await front.close();
    }
  });
});
