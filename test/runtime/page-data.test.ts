/** What a page is made of, from poll to render: the readings with how they went, the log, and the strip as it shines. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NONE_BUNDLED, TestRuntime } from './test-runtime';

const LIMIT = { timeout: 60_000 };
const WITH_PAGE = `${NONE_BUNDLED.replace('[plugins.dashboard]\nenabled = false\n', '')}[cluster]\nnode_id = "cellar"\n[logging]\nshow_sensor_data = true\n`;

describe('the page of a runtime', () => {
  it('has the trends of what was polled, the log and the machine', LIMIT, async (t) => {
    const host = await TestRuntime.open(t, WITH_PAGE, { counter: 'counter_v1' });
    for (const count of [1, 2, 3]) assert.equal((await host.poll('counter'))['count'], count);
    const html = (await host.runtime.render('dashboard')) ?? '';
    assert.match(html, /<h1><bdi>cellar<\/bdi><\/h1>/);
    assert.match(html, /simulated hardware/);
    assert.match(html, /<small>1 to 3 in /);
    assert.match(html, /<svg class="trend"[^>]*><path d="M/);
    assert.match(html, /<li id="log--[^>]*data-level="2">.*count 3/);
  });

  it('has the strip as it shines, not as it will', LIMIT, async (t) => {
    const host = await TestRuntime.open(t, WITH_PAGE.replace('[plugins.dht22]\nenabled = false\n', ''));
    const page = async () => (await host.runtime.render('dashboard')) ?? '';
    await host.poll('dht22');
    assert.match(await page(), /<b>LED 1<\/b> <bdi>dht22<\/bdi> <span>off</);
    await host.runtime.syncLeds();
    assert.match(await page(), /<b>LED 1<\/b> <bdi>dht22<\/bdi> <span>green</);
  });
});
