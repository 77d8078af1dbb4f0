import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultError, pastDeadline, pastLoadDeadline } from '../../src/wasm/guest-errors';

describe('a limit that a guest passed', () => {
  it('is named by its key in host.toml, in the table of that plugin, however it is called', () => {
    const texts = [
      [pastDeadline('my.sensor', 5), 'deadline_ms'],
      [pastLoadDeadline('my.sensor', 5), 'load_deadline_ms'],
      [faultError('my.sensor', { kind: 'memory', message: 'MemoryError' }), 'memory_mb'],
    ] as const;
    for (const [error, key] of texts)
      assert.ok(error.message.includes(`Raise ${key} in [plugins."my.sensor".limits] of host.toml`), error.message);
  });
});
