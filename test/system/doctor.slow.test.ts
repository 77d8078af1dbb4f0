/** The command of the installed package, as a user types it in the user directory. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, constants, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { installedPackage, packageFolder, readPackageJson } from './installed-package';

/** npx starts npm first. */
const LIMIT_MS = 60_000;
/** Windows has scripts in place of links. */
const ON_WINDOWS = process.platform === 'win32' && 'Windows runs edge-wasi.cmd';

/** `--no`: nothing is fetched that is not there. */
function npx(userDir: string, args: readonly string[]) {
  return new Promise<{ status: unknown; stdout: string; stderr: string }>((resolve) => {
    const options = { cwd: userDir, timeout: LIMIT_MS, shell: process.platform === 'win32' };
    execFile('npx', ['--no', '--', 'edge-wasi', ...args], options, (error, stdout, stderr) => {
      resolve({ status: error?.code ?? 0, stdout, stderr });
    });
  });
}

describe('npx edge-wasi in a Node-RED user directory', () => {
  it('is a command that may be run', { skip: ON_WINDOWS }, async () => {
    const command = join(await installedPackage(), 'node_modules', '.bin', 'edge-wasi');
    await access(command, constants.X_OK);
    assert.match(await readFile(command, 'utf8'), /^#!\/usr\/bin\/env node\n/);
  });

  it('says its version and checks this machine', async () => {
    const userDir = await installedPackage();
    const { version } = await readPackageJson(packageFolder(userDir));
    assert.deepEqual(await npx(userDir, ['--version']), { status: 0, stdout: `${version}\n`, stderr: '' });
    const { stdout, stderr } = await npx(userDir, ['doctor', '--json', '--user-dir', userDir]);
    assert.equal(stderr, '');
    const report: {
      readonly userDir: string;
      readonly checks: readonly { readonly id: string; readonly kind: string }[];
    } = JSON.parse(stdout);
    assert.equal(report.userDir, userDir);
    for (const id of ['node', 'architecture', 'host-toml', 'enabled-plugins'])
      assert.equal(report.checks.find((check) => check.id === id)?.kind, 'ok', id);
  });

  it('ends with 2 for what it does not know', async () => {
    const { status, stderr } = await npx(await installedPackage(), ['docter']);
    assert.match(stderr, /Unknown command 'docter'/);
    assert.equal(status, 2);
  });
});
