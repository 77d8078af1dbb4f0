/** The plugin to start from can be built where somebody copied it to, and runs as its README says. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it } from 'node:test';
import { NONE_BUNDLED, TestRuntime } from '../runtime/test-runtime';
import { bytesOf, REPOSITORY, scratchFolder } from '../wasm/components';

const PYTHON_TOOLS = join(REPOSITORY, '.venv', 'bin');
const noTools = existsSync(join(PYTHON_TOOLS, 'componentize-py')) ? false : 'there is no componentize-py in .venv';
/** A build takes 10 s on a machine that does nothing else. */
const BUILD_LIMIT_MS = 300_000;

describe('the plugin to start from', () => {
  it('is built by its script in a copy of its folder, and tells with its setting `limit` whether it is late', {
    skip: noTools,
    timeout: 2 * BUILD_LIMIT_MS,
  }, async (t) => {
    const copy = join(scratchFolder(t), 'clock');
    cpSync(join(REPOSITORY, 'docs', 'clock'), copy, { recursive: true });
    const env = { PATH: `${PYTHON_TOOLS}${delimiter}${process.env['PATH']}`, WIT: join(REPOSITORY, 'wit') };
    const built = spawnSync('sh', ['build.sh'], { cwd: copy, env, encoding: 'utf8', timeout: BUILD_LIMIT_MS });
    assert.equal(built.status, 0, built.stderr);
    const limits = '[plugins.early.settings]\nlimit = 60\n[plugins.late.settings]\nlimit = -1\n';
    const host = await TestRuntime.open(t, `${NONE_BUNDLED}${limits}`);
    for (const plugin of ['early', 'late']) host.renameIn(plugin, bytesOf(join(copy, 'clock.wasm')));
    assert.equal((await host.poll('early'))['late'], 0);
    assert.equal((await host.poll('late'))['late'], 1);
  });
});
