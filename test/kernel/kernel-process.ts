/**
 * The tests' kernel, a User-Mode Linux, as a process of this machine: 384 MB, the memory of a Pi Zero, and one processor.
 * It needs no rights, and what it mounts as its root, this machine's files, it mounts read-only.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KernelImage } from './kernel-image';

const MEMORY_MB = 384;
const BYTES_PER_MB = 1_048_576;
const CONSOLE_BYTES = 16_384;
/**
 * The last line of a kernel that turned itself off. Its process may still end with SIGABRT, one time in a hundred: the
 * processes inside are killed first, and a tick of the clock may then go on with one of them (arch/um/kernel/reboot.c).
 */
const TURNED_OFF = /reboot: Power down\s*$/;

/** `kept` is for a test; with `terminal` the console is this process's own. */
export type Console = 'kept' | 'terminal';

export interface KernelEnd {
  /** How it ended, and undefined where it turned itself off. */
  readonly fault: string | undefined;
  /** The last of what kernel and commands said; empty where the console was the terminal. */
  readonly said: string;
}

/** The kernel's memory is a file, with its programs' code in it: a container's /dev/shm may be too small, or noexec. */
function memoryFolder(): string {
  const { bavail, bsize } = statfsSync('/dev/shm');
  const isRoomy = bavail * bsize > MEMORY_MB * BYTES_PER_MB;
  const isNoexec = /^\S+ \/dev\/shm \S+ \S*\bnoexec\b/m.test(readFileSync('/proc/self/mounts', 'utf8'));
  return isRoomy && !isNoexec ? '/dev/shm' : tmpdir();
}

/**
 * The kernel and each of its processes take turns at every page and system call. On one processor that is three to four
 * times as fast as with a wake-up of another one each time (all files: 88 s instead of 273 s, on two virtual x64).
 */
function aProcessor(): string {
  const allowed = /^Cpus_allowed_list:.*?(\d+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  if (allowed === undefined) throw new Error('/proc/self/status names no processor that may be used');
  return allowed;
}

function start(image: KernelImage, folder: string, where: Console): ChildProcess {
  const machine = [`mem=${MEMORY_MB}M`, `dtb=${join(image.folder, 'pi.dtb')}`, `uml_dir=${folder}`];
  const root = ['root=/dev/root', 'rootfstype=hostfs', 'rootflags=/', 'ro', `init=${join(folder, 'init.sh')}`];
  const consoles = [where === 'terminal' ? 'con0=fd:0,fd:1' : 'con0=null,fd:1', 'con=null', 'ssl=null', 'quiet'];
  return spawn(
    'taskset',
    ['-c', aProcessor(), join(image.folder, 'linux'), ...machine, ...root, ...consoles, 'panic=-1'],
    {
      cwd: folder,
      env: { TMPDIR: memoryFolder() },
      stdio: where === 'terminal' ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      // What runs inside are processes of this machine too: a group of their own, to be ended together.
      detached: where === 'kept',
    },
  );
}

function killAll({ pid }: ChildProcess, where: Console): void {
  if (pid === undefined) return;
  try {
    process.kill(where === 'kept' ? -pid : pid, 'SIGKILL');
  } catch {
    // All have ended.
  }
}

/** `folder` holds init.sh, and is where the kernel may write. It is killed after `limitMs`. */
export function runKernel(image: KernelImage, folder: string, where: Console, limitMs: number): Promise<KernelEnd> {
  return new Promise((resolve, reject) => {
    const child = start(image, folder, where);
    let said = Buffer.alloc(0);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        said = Buffer.concat([said, chunk]).subarray(-CONSOLE_BYTES);
      });
    }
    let fault: string | undefined;
    const timer = setTimeout(() => {
      fault = `was still running after ${limitMs / 1_000} s`;
      killAll(child, where);
    }, limitMs);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      killAll(child, where);
      const text = said.toString('utf8');
      if (code !== 0 && !TURNED_OFF.test(text)) fault ??= `ended with ${code ?? signal}`;
      resolve({ fault, said: text });
    });
  });
}
