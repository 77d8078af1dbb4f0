/** What is known of a process for guests once it is gone. */
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { HardenedProcess, type ProcessEnd } from '../../src/guest-process/hardened-process';
import { until } from '../support/until';

describe('a process for guests', () => {
  it('is known to have filled its heap, however long the native stack is that V8 prints after that', async () => {
    const child = HardenedProcess.spawn({
      script: join(__dirname, 'fixtures', 'long-trace.js'),
      read: [],
      write: [],
      workFolder: tmpdir(),
      sockets: 0,
      niceness: 0,
    });
    let end: ProcessEnd | undefined;
    void child.ended.then((how) => {
      end = how;
    });
    // It does not keep this process alive by itself.
    const { why, text } = await until(() => end);
    assert.equal(why, 'memory');
    assert.match(text, /heap out of memory/);
  });
});
