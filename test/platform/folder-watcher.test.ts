import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { FolderWatcher } from '../../src/platform/folder-watcher';
import { scratchFolder } from '../wasm/components';

const LIMIT_MS = 20_000;

describe('the watcher of the plugin folder', () => {
  it('tells once of a file that was written in many pieces', async (t) => {
    const dir = scratchFolder(t);
    let told = 0;
    await new Promise<void>((resolve, reject) => {
      // The watcher itself keeps no process alive: this does.
      const late = setTimeout(() => reject(new Error('the watcher told nothing')), LIMIT_MS);
      const onChange = () => {
        told += 1;
        clearTimeout(late);
        resolve();
      };
      const watcher = new FolderWatcher(dir, onChange, reject);
      watcher.start();
      t.after(() => watcher.close());
      writeFileSync(join(dir, 'mine.wasm'), '');
      for (let piece = 0; piece < 100; piece += 1) appendFileSync(join(dir, 'mine.wasm'), 'piece');
    });
    assert.equal(told, 1);
  });

  it('says that it cannot watch instead of failing, and can be closed all the same', (t) => {
    const errors: unknown[] = [];
    const missing = join(scratchFolder(t), 'missing');
    const watcher = new FolderWatcher(missing, assert.fail, (error) => errors.push(error));
    watcher.start();
    assert.match(String(errors), /ENOENT/);
    watcher.close();
    watcher.close();
  });
});
