/**
 * What depends on the Node.js that runs it, with each that is promised (build/node-versions.json): asynchronous exports need
 * an engine of a newer one.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { REPOSITORY } from '../wasm/components';

const LIMIT_MS = 300_000;
const FOUND = join(REPOSITORY, 'build', 'node-versions.json');
const versions: readonly { readonly version: string; readonly program: string }[] = existsSync(FOUND)
  ? JSON.parse(readFileSync(FOUND, 'utf8'))
  : [];
/** The oldest and the newest with JavaScript Promise Integration, of those that are promised, and one without. */
const WITH = ['24.', '26.'];

describe('asynchronous exports', {
  skip: versions.length === 0 && 'there is no build/node-versions.json with any',
}, () => {
  for (const { version, program } of versions) {
    const awaited = WITH.some((line) => version.startsWith(line));
    it(`with Node.js ${version} are ${awaited ? 'answered' : 'refused'}`, { timeout: LIMIT_MS }, async () => {
      const file = join(REPOSITORY, 'dist', 'test', 'wasm', 'async-exports.test.js');
      const args = ['--test', '--test-reporter', 'tap', file];
      const { NODE_TEST_CONTEXT: _, ...env } = process.env;
      const { stdout } = await promisify(execFile)(program, args, { env });
      assert.match(stdout, awaited ? /^# pass 3$/m : /^# pass 1$/m);
      assert.match(stdout, awaited ? /ok 4 .*# SKIP/ : /ok 1 .*# SKIP/);
    });
  }
});
