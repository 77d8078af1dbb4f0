#!/usr/bin/env node
/**
 * The command `edge-wasi`: hands over to one of its commands. Ends by itself when its output is written, with the exit code
 * that the command's usage names.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clusterCommand } from '../cluster-setup/command';
import { doctorCommand } from '../doctor/command';

const USAGE = `Usage: edge-wasi <command> [options]

  doctor    looks whether this machine has what real sensors need, and says what to mend
  cluster   sets up this machine's part of a cluster, and looks after it

edge-wasi <command> --help says more; edge-wasi --version which version this is.
`;

/** Beside dist/. */
const PACKAGE_FILE = join(__dirname, '..', '..', '..', 'package.json');
const USAGE_ERROR = 2;
/** None of the doctor's patients, and no refusal of etcd. */
const OWN_FAILURE = 3;

async function run([command, ...args]: readonly string[]): Promise<number> {
  switch (command) {
    case 'doctor':
      return doctorCommand(args);
    case 'cluster':
      return clusterCommand(args);
    case '--help':
    case '-h':
      process.stdout.write(USAGE);
      return 0;
    case '--version':
    case '-v':
      process.stdout.write(`${await packageVersion()}\n`);
      return 0;
    default: {
      const problem = command === undefined ? 'No command was given' : `Unknown command '${command}'`;
      process.stderr.write(`edge-wasi: ${problem}.\n\n${USAGE}`);
      return USAGE_ERROR;
    }
  }
}

async function packageVersion(): Promise<string> {
  const content: { readonly version: string } = JSON.parse(await readFile(PACKAGE_FILE, 'utf8'));
  return content.version;
}

run(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`edge-wasi: ${String(error)}\n`);
    process.exitCode = OWN_FAILURE;
  },
);
