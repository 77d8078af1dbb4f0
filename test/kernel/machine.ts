/**
 * Boots the tests' kernel with commands to run inside, one after the other. It can write nothing of this machine but the
 * job's folder, which is removed afterwards (see machine/init.sh).
 */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
import { type Console, type KernelEnd, runKernel } from './kernel-process';

/** For booting and turning off, beside the limits of the commands. */
const BOOT_LIMIT_MS = 60_000;

export interface CommandResult {
  /** As CommandEnd; undefined where the kernel ended before it, or one before it was ended by a signal. */
  readonly end: CommandEnd['end'] | undefined;
  readonly results: readonly InsideResult[];
}

export interface Run extends KernelEnd {
  /** In the order they were given. */
  readonly commands: readonly CommandResult[];
}

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

export interface RunOptions {
  readonly console?: Console;
  /** For all of it; else what the commands may take, and the boot. */
  readonly limitMs?: number;
}

/** `commandsFor` is given the job's folder, for paths in it. */
export async function runInside(
  image: KernelImage,
  commandsFor: (folder: string) => readonly Command[],
  { console: where = 'kept', limitMs }: RunOptions = {},
): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'edge-wasi-kernel-'));
  try {
    const job: Job = { commands: commandsFor(folder) };
    writeJob(folder, image, job);
    const sum = job.commands.reduce((total, command) => total + command.limitMs, BOOT_LIMIT_MS);
    const ended = await runKernel(image, folder, where, limitMs ?? sum);
    const ends = readLines<CommandEnd>(folder, ENDS_FILE);
    const commands = job.commands.map((_, index) => ({
      end: ends.find((one) => one.index === index)?.end,
      results: readLines<InsideResult>(folder, resultsFile(index)),
    }));
    return { ...ended, commands };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
