/** jco's generator in a thread that is thrown away: what a crafted component does to it stays there. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { generate } from '../../src/wasm/generate';
import { answering, bytesOf, fixture, fromText } from './components';

const LIMIT = { timeout: 60_000 };
const DEADLINE_MS = 60_000;

describe('the generator', () => {
  it('that panics over one component makes glue of the next', LIMIT, async () => {
    const panics = await fromText('(component (import "url=<https://a>" (func)))');
    await assert.rejects(generate(panics, DEADLINE_MS), { code: 'PLUGIN_INVALID', message: /jco|generator/ });
    const files = await generate(await answering(1), DEADLINE_MS);
    assert.deepEqual(files.map(({ name }) => name).sort(), ['plugin.core.wasm', 'plugin.js']);
  });

  it('says why it refuses a component', LIMIT, async () => {
    const bytes = await fromText('(component (core module (tag)))');
    await assert.rejects(generate(bytes, DEADLINE_MS), { code: 'PLUGIN_INVALID', message: /exceptions proposal/ });
  });

  it('is ended at its deadline', LIMIT, async () => {
    await assert.rejects(generate(bytesOf(fixture('counter_v1')), 1), {
      code: 'PLUGIN_LOAD_TIMEOUT',
      message:
        /not prepared within 1 ms\. Raise load_deadline_ms in \[limits\] or \[plugins\.X\.limits\] of host\.toml/,
    });
  });
});
