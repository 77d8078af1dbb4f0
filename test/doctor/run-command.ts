/** Runs the compiled command in a process of its own, on a fake machine. */
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { REPOSITORY } from '../wasm/components';
import { type FakeMachine, GROUP_NUMBERS } from './fake-machine';
import { STAND_IN, type StandIn } from './stand-in';

const COMMAND = join(REPOSITORY, 'dist', 'src', 'command', 'command.js');
/** Far more than it takes. */
const LIMIT_MS = 60_000;

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings extends Partial<Omit<StandIn, 'root' | 'owners'>> {
  /** What `systemctl show` prints; undefined: this machine has no systemd. */
  readonly units?: string;
}

/** By pi, in all his groups, on 64 bits, with koffi and a BME680 unless told otherwise. */
export function doctorOn(machine: FakeMachine, args: readonly string[], around: Surroundings = {}): Promise<Outcome> {
  const { units, ...different } = around;
  const standIn: StandIn = {
    root: machine.root,
    owners: [...machine.owners],
    uid: 1000,
    gids: ['pi', 'dialout', 'i2c', 'spi', 'gpio'].map((name) => GROUP_NUMBERS[name] ?? -1),
    arch: 'arm64',
    node: '20.19.2',
    koffi: '3.3.4',
    chipId: 0x61,
    ...different,
  };
  const described = join(machine.folder, 'stand-in.json');
  writeFileSync(described, JSON.stringify(standIn));
  const env = { PATH: pathWith(machine.folder, units), [STAND_IN]: described };
  return runCommand(['--require', join(__dirname, 'stand-in.js')], ['doctor', '--root', machine.root, ...args], env);
}

export function runCommand(
  nodeArgs: readonly string[],
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...nodeArgs, COMMAND, ...args], { env, timeout: LIMIT_MS }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error);
      else resolve({ status: Number(error?.code ?? 0), stdout, stderr });
    });
  });
}

/** A folder with a `systemctl` that prints `units`, or an empty one. */
function pathWith(folder: string, units: string | undefined): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  if (units === undefined) return bin;
  writeFileSync(join(folder, 'units'), units);
  const script = join(bin, 'systemctl');
  writeFileSync(script, `#!/bin/sh\ncat '${join(folder, 'units')}'\n`);
  chmodSync(script, 0o755);
  return [bin, '/usr/bin', '/bin'].join(delimiter);
}
