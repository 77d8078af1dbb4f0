/** Every Python test of the guests in one pytest call. Arguments go on to pytest. Needs `npm run setup` once. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { REPOSITORY, venvProgram } from './guest-tools.mjs';

const python = venvProgram('python');
if (!existsSync(python)) {
  console.error(`${python} is missing. Run "npm run setup" first.`);
  process.exit(1);
}
const { status, error } = spawnSync(python, ['-m', 'pytest', 'plugins', ...process.argv.slice(2)], {
  cwd: REPOSITORY,
  stdio: 'inherit',
});
if (error) console.error(`pytest could not be started: ${error.message}`);
process.exit(status ?? 1);
