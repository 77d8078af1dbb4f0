/**
 * Makes a fresh clone ready to build: checks Node and Python, installs the packages of package-lock.json and the
 * hash-locked Python tools in `.venv`. Whatever is up to date is left alone, so a second run costs a few file reads and
 * may stand before every build. Ends with a sentence that says what to do when something is missing.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY, REQUIREMENTS, VENV, venvProgram } from './guest-tools.mjs';

const OLDEST_NODE = [18, 20];
const OLDEST_PYTHON = [3, 10];
/** Holds the digest of the requirements that were installed; written last, so a broken install is done again. */
const VENV_STAMP = join(VENV, 'requirements.sha256');

function fail(message) {
  console.error(`setup: ${message}`);
  process.exit(1);
}

function atLeast([major, minor], [oldestMajor, oldestMinor]) {
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

function run(what, remedy, program, args, options = {}) {
  console.log(`setup: ${what}`);
  const { status, error } = spawnSync(program, args, { cwd: REPOSITORY, stdio: 'inherit', ...options });
  if (status !== 0) fail(`${what} failed${error ? ` (${error.message})` : ''}. ${remedy}`);
}

function checkNode() {
  if (!atLeast(process.versions.node.split('.').map(Number), OLDEST_NODE)) {
    fail(`Node.js ${OLDEST_NODE.join('.')} or newer is needed; this is ${process.versions.node}.`);
  }
}

/** The newest lock that was installed is the copy npm leaves in node_modules. */
function installPackages() {
  const installed = join(REPOSITORY, 'node_modules', '.package-lock.json');
  const wanted = statSync(join(REPOSITORY, 'package-lock.json')).mtimeMs;
  if (existsSync(installed) && statSync(installed).mtimeMs >= wanted) return;
  // As npm ci does itself, but only after it has looked at the lock, where packages that are there mislead it about the
  // optional peer of one ("Missing: typescript").
  rmSync(join(REPOSITORY, 'node_modules'), { recursive: true, force: true });
  // On Windows npm is a script and needs the shell; the arguments are fixed.
  const shell = process.platform === 'win32';
  run('npm ci', 'Read npm’s message above.', 'npm', ['ci', '--no-audit', '--no-fund'], { shell });
}

/** The first Python that is new enough; says which ones were tried otherwise. */
function findPython() {
  const found = [];
  for (const program of ['python3', 'python']) {
    const { status, stdout } = spawnSync(program, ['-c', 'import sys; print(*sys.version_info[:3], sep=".")'], {
      encoding: 'utf8',
    });
    if (status !== 0) continue;
    const version = stdout.trim();
    if (atLeast(version.split('.').map(Number), OLDEST_PYTHON)) return program;
    found.push(`${program} is ${version}`);
  }
  const why = found.length > 0 ? found.join(', ') : 'none was found';
  return fail(`Python ${OLDEST_PYTHON.join('.')} or newer is needed to build the plugins; ${why}.`);
}

function installPythonTools() {
  const wanted = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex');
  // The interpreter is asked for too: a link to one that was since removed leaves a .venv that looks whole.
  if (existsSync(VENV_STAMP) && existsSync(venvProgram('python')) && readFileSync(VENV_STAMP, 'utf8') === wanted)
    return;
  const python = findPython();
  rmSync(VENV, { recursive: true, force: true });
  run('python -m venv .venv', 'On Debian: sudo apt install python3-venv.', python, ['-m', 'venv', VENV]);
  const flags = ['--quiet', '--disable-pip-version-check', '--require-hashes', '--only-binary', ':all:'];
  run(
    'pip install of plugins/requirements.txt',
    'componentize-py has wheels for Linux and macOS (x86-64, arm64) and for Windows (x86-64) only.',
    venvProgram('python'),
    ['-m', 'pip', 'install', ...flags, '-r', REQUIREMENTS],
  );
  writeFileSync(VENV_STAMP, wanted);
}

checkNode();
installPackages();
installPythonTools();
