/**
 * Boots the tests' kernel, a User-Mode Linux, as a process of this machine, with commands to run inside: 384 MB, the
 * memory of a Pi Zero, and one processor. It needs no rights, and cannot write to this machine but for the job's folder:
 * its root is mounted read-only (see machine/init.sh).
 */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from '../wasm/components';
import {
  type Command,
  type CommandEnd,
  ENDS_FILE,
  type InsideResult,
  JOB_FILE,
  type Job,
  readLines,
  resultsFile,
} from './job';
import type { KernelImage } from './kernel-image';

const MEMORY_MB = 384;
const BYTES_PER_MB = 1_048_576;
/** For booting and turning off, beside the limits of the commands. */
const BOOT_LIMIT_MS = 60_000;
const CONSOLE_BYTES = 16_384;

export interface CommandResult {
  /** As CommandEnd; undefined where the kernel ended before it. */
  readonly end: CommandEnd['end'] | undefined;
  readonly results: readonly InsideResult[];
}

export interface Run {
  /** How the kernel ended: `off` is as it should be. */
  readonly end: 'off' | string;
  readonly commands: readonly CommandResult[];
  /** The last of what kernel and commands said; empty where the console was the terminal. */
  readonly console: string;
}

export type Console = 'kept' | 'terminal';

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function writeJob(folder: string, image: KernelImage, job: Job): void {
  const variables = { REPOSITORY, NODE: process.execPath, KERNEL: image.folder };
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}\n`);
  writeFileSync(join(folder, 'job.sh'), lines.join(''));
  writeFileSync(join(folder, JOB_FILE), JSON.stringify(job));
  copyFileSync(join(REPOSITORY, 'test', 'kernel', 'machine', 'init.sh'), join(folder, 'init.sh'));
}

/** The kernel's memory is a file there; what a container gives /dev/shm may be too little for it. */
function memoryFolder(): string {
  const { bavail, bsize } = statfsSync('/dev/shm');
  return bavail * bsize > MEMORY_MB * BYTES_PER_MB ? '/dev/shm' : tmpdir();
}

function boot(
  folder: string,
  image: KernelImage,
  where: Console,
  limitMs: number,
): Promise<Pick<Run, 'end' | 'console'>> {
  const args = [
    `mem=${MEMORY_MB}M`,
    `dtb=${join(image.folder, 'pi.dtb')}`,
    'root=/dev/root rootfstype=hostfs rootflags=/ ro',
    `init=${join(folder, 'init.sh')}`,
    `uml_dir=${folder}`,
    where === 'terminal' ? 'con0=fd:0,fd:1' : 'con0=null,fd:1',
    'con=null ssl=null panic=-1 quiet',
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(
      join(image.folder, 'linux'),
      args.flatMap((arg) => arg.split(' ')),
      {
        cwd: folder,
        env: { TMPDIR: memoryFolder() },
        stdio: where === 'terminal' ? 'inherit' : ['ignore', 'pipe', 'pipe'],
        // The kernel's processes are processes of the host: they are ended together.
        detached: where === 'kept',
      },
    );
    let said = Buffer.alloc(0);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        said = Buffer.concat([said, chunk]).subarray(-CONSOLE_BYTES);
      });
    }
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      if (child.pid !== undefined) process.kill(where === 'kept' ? -child.pid : child.pid, 'SIGKILL');
    }, limitMs);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const ended = code === 0 ? 'off' : `ended with ${code ?? signal}`;
      resolve({ end: late ? `was still running after ${limitMs / 1_000} s` : ended, console: said.toString('utf8') });
    });
  });
}

export async function runInside(
  image: KernelImage,
  commands: (folder: string) => readonly Command[],
  where: Console,
): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'edge-wasi-kernel-'));
  try {
    const job: Job = { commands: commands(folder) };
    writeJob(folder, image, job);
    const limitMs = job.commands.reduce((sum, command) => sum + command.limitMs, BOOT_LIMIT_MS);
    const ended = await boot(folder, image, where, limitMs);
    const ends = readLines<CommandEnd>(folder, ENDS_FILE);
    const results = job.commands.map((_, index) => ({
      end: ends.find((one) => one.index === index)?.end,
      results: readLines<InsideResult>(folder, resultsFile(index)),
    }));
    return { ...ended, commands: results };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
