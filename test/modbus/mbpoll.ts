/**
 * mbpoll, a Modbus client over libmodbus, as a process for each question; and a pair of pseudo-terminals by socat, which
 * is what a serial line looks like to both ends. `MISSING` says why they are not there; scripts/modbus-clients.mjs brings
 * them.
 */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../support/until';

const PROGRAMS = ['mbpoll', 'socat'];
const absent = PROGRAMS.filter((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0);
export const MISSING: string | false =
  absent.length === 0 ? false : `there is no ${absent.join(' and no ')} here: sudo apt-get install ${absent.join(' ')}`;

const ANSWER_LIMIT_MS = 20_000;

export type Line = { readonly port: number } | { readonly path: string };

/** mbpoll's own words for a table (`-t`). */
export type Table = 'coil' | 'discrete' | 'input' | 'holding' | 'holding float' | 'input float';

const TABLES: Readonly<Record<Table, readonly string[]>> = {
  coil: ['-t', '0'],
  discrete: ['-t', '1'],
  input: ['-t', '3'],
  holding: ['-t', '4'],
  'holding float': ['-t', '4:float'],
  'input float': ['-t', '3:float'],
};

/** mbpoll gives up after one second unless told otherwise, which a busy machine exceeds. */
const RESPONSE_LIMIT_S = 5;

export interface Question {
  readonly unitId?: number;
  readonly table: Table;
  readonly address: number;
  readonly count?: number;
  /** Written instead of read. */
  readonly values?: readonly number[];
  /** Low word first. */
  readonly isCdab?: boolean;
}

/** The values, or what mbpoll said went wrong: "Illegal data address". */
export async function ask(line: Line, question: Question): Promise<readonly number[] | string> {
  const { unitId = 1, table, address, count = 1, values = [], isCdab = false } = question;
  const where = 'port' in line ? ['-m', 'tcp', '-p', String(line.port)] : ['-m', 'rtu', '-b', '19200', '-P', 'even'];
  const limit = ['-o', String(RESPONSE_LIMIT_S)];
  const asked = [
    ...limit,
    '-a',
    String(unitId),
    '-0',
    '-r',
    String(address),
    ...TABLES[table],
    ...(isCdab ? [] : ['-B']),
  ];
  const extent = values.length > 0 ? [] : ['-1', '-c', String(count)];
  const device = 'port' in line ? '127.0.0.1' : line.path;
  const said = await run([...where, ...asked, ...extent, device, ...values.map(String)]);
  const failed = /failed: (.*)/.exec(said)?.[1];
  if (failed !== undefined) return failed;
  if (values.length > 0) return /Written (\d+) references/.test(said) ? values : `mbpoll said ${said}`;
  return [...said.matchAll(/^\[\d+\]:\s+(\S+)/gm)].map(([, value]) => Number(value));
}

function run(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('mbpoll', [...args], { timeout: ANSWER_LIMIT_MS }, (error, stdout, stderr) => {
      if (error?.killed) reject(new Error(`mbpoll ${args.join(' ')} did not end`));
      else resolve(`${stdout}${stderr}`);
    });
  });
}

/** Two ends of a serial line. */
export class SerialPair {
  readonly ours: string;
  readonly theirs: string;
  #child: ChildProcess | undefined;

  private constructor(readonly dir: string) {
    this.ours = join(dir, 'ours');
    this.theirs = join(dir, 'theirs');
  }

  static async open(): Promise<SerialPair> {
    const pair = new SerialPair(await mkdtemp(join(tmpdir(), 'wasi-serial-')));
    await pair.plug();
    return pair;
  }

  async plug(): Promise<void> {
    const end = (link: string) => `pty,raw,echo=0,link=${link}`;
    this.#child = spawn('socat', [end(this.ours), end(this.theirs)], { stdio: 'ignore' });
    await until(() => existsSync(this.ours) && existsSync(this.theirs));
  }

  /** As an adapter that is pulled out. */
  async unplug(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.kill() !== true) return;
    await once(child, 'exit');
  }

  async close(): Promise<void> {
    await this.unplug();
    await rm(this.dir, { recursive: true, force: true });
  }
}
