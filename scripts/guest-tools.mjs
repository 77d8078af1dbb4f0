/**
 * Where the guests' Python tools are: the repository's own `.venv`, made by setup.mjs, so that nothing of the machine's
 * Python is touched or relied on.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const REPOSITORY = dirname(dirname(fileURLToPath(import.meta.url)));
export const VENV = join(REPOSITORY, '.venv');
export const REQUIREMENTS = join(REPOSITORY, 'plugins', 'requirements.txt');

const WINDOWS = process.platform === 'win32';

/** A program of the virtual environment: `python`, `componentize-py`. */
export function venvProgram(name) {
  return WINDOWS ? join(VENV, 'Scripts', `${name}.exe`) : join(VENV, 'bin', name);
}
