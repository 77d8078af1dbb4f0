import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { PluginWatcher } from '../../src/plugin-host/plugin-watcher';
import { scratchFolder } from '../wasm/components';

describe('the watcher of the plugin folder', () => {
  it('tells of a file that was copied in many pieces once', { timeout: 20_000 }, async (t) => {
    const dir = scratchFolder(t);
    const watcher: PluginWatcher[] = [];
    t.after(() => watcher[0]?.close());
    let told = 0;
    await new Promise<void>((resolve, reject) => {
      watcher.push(
        new PluginWatcher(
          dir,
          () => {
            told += 1;
            resolve();
          },
          reject,
        ),
      );
      writeFileSync(join(dir, 'mine.wasm'), '');
      for (let piece = 0; piece < 100; piece += 1) appendFileSync(join(dir, 'mine.wasm'), 'piece');
    });
    await turn();
    assert.equal(told, 1);
  });

  it('says that it cannot watch instead of failing, and can be closed all the same', (t) => {
    const errors: unknown[] = [];
    const missing = join(scratchFolder(t), 'missing');
    const watcher = new PluginWatcher(missing, assert.fail, (error) => errors.push(error));
    assert.match(String(errors), /ENOENT/);
    watcher.close();
    watcher.close();
  });
});
