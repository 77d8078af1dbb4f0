/**
 * A board with 384 MB, and a plugin that takes all of it: the kernel ends the process of the plugins, and Node-RED's process
 * with its page and the other plugins goes on.
 */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openRuntime } from '../../../src/runtime/open-runtime';
import type { LogLine } from '../../../src/runtime-api/runtime-api';
import { until } from '../../support/until';
import { HOG_FILE, PREPARED_EXAMPLE } from '../prepared-example';

const TOML = `
[logging]
show_sensor_data = false
[limits]
load_deadline_ms = 120000
deadline_ms = 120000
[plugins.bme680]
enabled = false
[plugins.pi_monitor]
enabled = false
[plugins.hog.limits]
memory_mb = 4000
`;

describe('a plugin that takes all memory of a board', () => {
  it('ends with its process; Node-RED, the page and the other plugins go on', async (t) => {
    const userDir = mkdtempSync(join(tmpdir(), 'user-'));
    const plugins = join(userDir, 'wasi', 'plugins');
    mkdirSync(plugins, { recursive: true });
    symlinkSync(PREPARED_EXAMPLE, join(userDir, 'wasi', 'prepared'));
    copyFileSync(HOG_FILE, join(plugins, 'hog.wasm'));
    const log: LogLine[] = [];
    const runtime = await openRuntime({
      configSource: 'inline',
      configFile: '',
      configText: TOML,
      pluginDir: '',
      hardware: 'simulated',
      userDir,
      log: (line) => log.push(line),
    });
    t.after(() => runtime.close());
    assert.equal((await runtime.poll('dht22')).kind, 'polled');
    assert.match((await runtime.render('dashboard')) ?? '', /dht22/i);
    const ownMb = residentMb();
    await assert.rejects(runtime.poll('hog'), { message: /the process that runs the plugins ended/ });
    assert.equal(runtime.counts().guestProcesses.ends, 1);
    assert.match(readFileSync('/proc/self/oom_score_adj', 'utf8'), /^0\n$/);
    await until(async () => (await runtime.poll('dht22').catch(() => undefined))?.kind === 'polled');
    await until(async () => /dht22/i.test((await runtime.render('dashboard').catch(() => '')) ?? ''));
    assert.ok(residentMb() - ownMb < 50, `Node-RED's process grew from ${ownMb} to ${residentMb()} MiB`);
    t.diagnostic(
      log
        .filter(({ level }) => level === 'error')
        .map(({ text }) => text)
        .join('\n'),
    );
  });
});

function residentMb(): number {
  return Number(/^VmRSS:\s+([0-9]+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? 0) / 1_024;
}
