/**
 * A machine without a thread left is no fault of the component: whatever the limit, it is loaded or the shortage is named.
 * The system counts threads by user, and not those of root: another user loads it.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { answering, scratchFolder } from '../wasm/components';

const NOT_ROOT = process.getuid?.() === 0 ? false : 'only root may become another user';
/** Of nobody on this machine, so that no other process counts. */
const USER = 64_000 + (process.pid % 1_000);
/** Node.js alone has some eleven threads. */
const LIMITS = Array.from({ length: 8 }, (_, at) => 17 + 2 * at);
const LIMIT_MS = 15_000;

describe('a component that is loaded while the system has few threads', { skip: NOT_ROOT }, () => {
  it('is loaded, or SYSTEM_SHORTAGE says why not; it is never called invalid', { timeout: 300_000 }, async (t) => {
    const folder = scratchFolder(t);
    chmodSync(folder, 0o755);
    const component = join(folder, 'component.wasm');
    writeFileSync(component, await answering(1));
    const script = join(__dirname, 'fixtures', 'loads-component.js');
    const said = LIMITS.map((limit) => {
      const store = join(folder, `store-${limit}`);
      mkdirSync(store);
      chownSync(store, USER, USER);
      const user = ['--reuid', String(USER), '--regid', String(USER), '--clear-groups'];
      const args = [...user, 'prlimit', `--nproc=${limit}`, process.execPath, script, component, store];
      const { stdout } = spawnSync('setpriv', args, { encoding: 'utf8', timeout: LIMIT_MS, killSignal: 'SIGKILL' });
      // Below some limit Node.js aborts before it runs anything, or waits for a thread that it never gets.
      spawnSync('pkill', ['-KILL', '-u', String(USER)]);
      return stdout === '' ? 'not started' : (/^\w+/.exec(stdout)?.[0] ?? stdout);
    });
    const kinds = [...new Set(said)];
    t.diagnostic(LIMITS.map((limit, at) => `${limit}: ${said[at]}`).join(', '));
    assert.deepEqual(
      kinds.filter((kind) => !['not started', 'SYSTEM_SHORTAGE', 'loaded'].includes(kind)),
      [],
    );
    assert.ok(kinds.includes('SYSTEM_SHORTAGE') && kinds.includes('loaded'), said.join());
  });
});
