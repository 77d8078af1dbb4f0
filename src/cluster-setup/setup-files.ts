/**
 * The files that make a machine a member: etcd's environment, read by systemd (systemd.exec(5), EnvironmentFile=), and a
 * drop-in for Debian's etcd.service. Paths are those of the machine; `root` is where it is mounted. Nobody but root needs
 * to read them, yet they hold no secret: TLS keys stay in files of their own.
 */
import { dirname, join } from 'node:path';
import { makeFolder, writeDurably } from '../platform/durable-file';
import { isMissing } from '../platform/errno';
import { readTextAtMost } from '../platform/read-at-most';
import type { Role } from './command-line';

export const ENVIRONMENT_FILE = '/etc/edge-wasi/etcd.env';
export const DROP_IN_FILE = '/etc/systemd/system/etcd.service.d/edge-wasi.conf';
/** Beside Debian's own, which holds a cluster of one that its package starts. */
export const DATA_FOLDER = '/var/lib/etcd/edge-wasi';

const FOLDER_MODE = 0o755;
const FILE_MODE = 0o644;

export interface SetupFile {
  readonly path: string;
  readonly text: string;
}

export function setupFiles(role: Role, environment: ReadonlyMap<string, string>): readonly SetupFile[] {
  return [
    { path: ENVIRONMENT_FILE, text: environmentText(role, environment) },
    { path: DROP_IN_FILE, text: dropInText() },
  ];
}

export async function writeFiles(root: string, files: readonly SetupFile[]): Promise<void> {
  for (const { path, text } of files) {
    const target = join(root, path);
    // systemd reads both, whoever started it.
    await makeFolder(dirname(target), FOLDER_MODE);
    await writeDurably(target, text, { mode: FILE_MODE });
  }
}

/** A hundred times what is written there. */
const MAX_ENVIRONMENT_BYTES = 2 ** 18;

/** undefined where this machine has none. */
export async function readEnvironment(root: string): Promise<ReadonlyMap<string, string> | undefined> {
  try {
    return parseEnvironment(await readTextAtMost(join(root, ENVIRONMENT_FILE), MAX_ENVIRONMENT_BYTES));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

export function parseEnvironment(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\n').flatMap((line) => {
    const [, name, value] = /^(\w+)="?([^"]*)"?$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
  return new Map(lines);
}

function environmentText(role: Role, environment: ReadonlyMap<string, string>): string {
  const lines = [...environment].map(([name, value]) => `${name}="${value}"`);
  return `# Written by "edge-wasi cluster" for a ${role}. What you add to etcd, add to a drop-in of your own.
${lines.join('\n')}
`;
}

/**
 * A Pi is short of memory, and its card slow. etcd needs some 40 MB, and up to its database's 64 MiB more for the mapped
 * file, which the kernel may take back: MemoryHigh makes it do so before anything else is pressed for memory. No
 * MemoryMax: an etcd that is killed is worse than one that is slow.
 */
function dropInText(): string {
  return `# Written by "edge-wasi cluster".
[Unit]
# A member that is alone tries for as long as it takes.
StartLimitIntervalSec=0

[Service]
EnvironmentFile=${ENVIRONMENT_FILE}
Restart=always
RestartSec=5
# It hands its leadership over at once; from 3.5 on it then waits 10 s for the streams of its clients.
TimeoutStopSec=15
MemoryHigh=128M
# The last to go when memory runs out, and the first to write.
OOMScoreAdjust=-600
IOSchedulingClass=best-effort
IOSchedulingPriority=0
CPUWeight=500
`;
}
