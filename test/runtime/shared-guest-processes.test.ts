/** The processes of the guests as runtimes share them: who opens them, and who closes them. */
import assert from 'node:assert/strict';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { leaseGuestProcesses } from '../../src/runtime/shared-guest-processes';
import { until } from '../support/until';
import { scratchFolder } from '../wasm/components';

const LIMIT = { timeout: 60_000 };
const nothing = () => undefined;

describe('the processes of the guests', () => {
  it('are one for all runtimes with the same store, and end with the last of them', LIMIT, async (t) => {
    const folder = scratchFolder(t);
    const lease = () => leaseGuestProcesses([join(folder, 'store')], join(folder, 'empty'), nothing);
    const [one, other] = await Promise.all([lease(), lease()]);
    assert.equal(one.processes, other.processes);
    one.processes.wake();
    await until(() => one.processes.pids.length === 1);
    const [pid = 0] = one.processes.pids;
    await one.release();
    await one.release();
    assert.doesNotThrow(() => process.kill(pid, 0), 'the other runtime has it still');
    await other.release();
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    const next = await lease();
    assert.notEqual(next.processes, one.processes);
    await next.release();
    assert.deepEqual(readdirSync(join(folder, 'empty')), []);
  });

  it('are others for another store', LIMIT, async (t) => {
    const folder = scratchFolder(t);
    const lease = (store: string) => leaseGuestProcesses([join(folder, store)], join(folder, 'empty'), nothing);
    const [one, other] = await Promise.all([lease('one'), lease('other')]);
    assert.notEqual(one.processes, other.processes);
    await Promise.all([one.release(), other.release()]);
  });

  it('that have no folder to run in say so, and are tried again', LIMIT, async (t) => {
    const folder = scratchFolder(t);
    const lease = () => leaseGuestProcesses([join(folder, 'store')], join(folder, 'file', 'empty'), nothing);
    writeFileSync(join(folder, 'file'), '');
    await assert.rejects(lease(), { code: 'PLUGIN_STORAGE', message: /empty folder, and .*empty cannot be made/ });
    rmSync(join(folder, 'file'));
    await (await lease()).release();
  });
});
