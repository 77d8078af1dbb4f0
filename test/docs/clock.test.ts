/** The plugin to start from: what README shows, what the package ships and what the tests run are one, and it can be built. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it } from 'node:test';
import { REPOSITORY, scratchFolder } from '../wasm/components';

const CLOCK = join(REPOSITORY, 'docs', 'clock');
const PYTHON_TOOLS = join(REPOSITORY, '.venv', 'bin');
const noTools = existsSync(join(PYTHON_TOOLS, 'componentize-py')) ? false : 'there is no componentize-py in .venv';
/** Magic number, and the version that says component. */
const COMPONENT = '0061736d0d000100';

function text(...path: string[]): string {
  return readFileSync(join(REPOSITORY, ...path), 'utf8');
}

function blocksOf(markdown: string, language: string): string[] {
  return [...markdown.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, kind, block]) =>
    kind === language && block !== undefined ? [block] : [],
  );
}

describe('the plugin to start from', () => {
  it('is the one of README, and the one that the tests poll', () => {
    const app = readFileSync(join(CLOCK, 'app.py'), 'utf8');
    assert.deepEqual(blocksOf(text('README.md'), 'python'), [app]);
    assert.equal(text('test', 'fixtures', 'guests', 'example_ten_lines', 'app.py'), app);
  });

  it('is built by the command of README', () => {
    const command = /^componentize-py .*$/m;
    const [shown] = command.exec(text('README.md')) ?? [];
    const [run] = command.exec(readFileSync(join(CLOCK, 'build.sh'), 'utf8')) ?? [];
    assert.equal(run?.replace('"$wit"', 'WIT'), shown?.replace(/-d \S+/, '-d WIT'));
  });

  it('can be built where it was copied to', { skip: noTools }, (t) => {
    const copy = join(scratchFolder(t), 'clock');
    cpSync(CLOCK, copy, { recursive: true });
    const env = { PATH: `${PYTHON_TOOLS}${delimiter}${process.env['PATH']}`, WIT: join(REPOSITORY, 'wit') };
    const { status, stderr } = spawnSync('sh', ['build.sh'], { cwd: copy, env, encoding: 'utf8', timeout: 120_000 });
    assert.equal(status, 0, stderr);
    const head = Buffer.alloc(8);
    readSync(openSync(join(copy, 'clock.wasm'), 'r'), head);
    assert.equal(head.toString('hex'), COMPONENT);
  });
});
