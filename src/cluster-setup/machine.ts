/** What the commands ask of the machine they run on, and the one thing they do to it beside writing files. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A start on a Pi takes some seconds; etcd's service counts as started when it has found its cluster. */
const START_LIMIT_MS = 120_000;
const ASK_LIMIT_MS = 10_000;

export type PortState = 'free' | 'taken' | 'not-our-address';
export type StartOutcome =
  | { readonly kind: 'started' }
  | { readonly kind: 'by-hand'; readonly because: string }
  | { readonly kind: 'failed'; readonly says: string };

export interface Machine {
  readonly arch: string;
  /** Such as "3.4.23"; undefined: there is no etcd. */
  etcdVersion(): Promise<string | undefined>;
  hasUnit(root: string): boolean;
  port(address: string, port: number): Promise<PortState>;
  /** Of the nearest folder there is. */
  freeBytes(path: string): Promise<number>;
  isEmptyFolder(path: string): Promise<boolean>;
  /** etcd, with the files that have been written. */
  startEtcd(root: string): Promise<StartOutcome>;
  /** ms since 1970. */
  now(): number;
}

const UNIT_PLACES = ['/etc/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system'];

export const thisMachine: Machine = {
  arch: process.arch,
  now: Date.now,
  async etcdVersion() {
    try {
      const env = { ...process.env, ETCD_UNSUPPORTED_ARCH: process.arch };
      const { stdout } = await run('etcd', ['--version'], { timeout: ASK_LIMIT_MS, env });
      return /^etcd Version: (\S+)$/m.exec(stdout)?.[1];
    } catch {
      // Whatever keeps it from telling its version keeps it from being used.
      return undefined;
    }
  },
  hasUnit: (root) => UNIT_PLACES.some((folder) => existsSync(`${root}${folder}/etcd.service`)),
  port: portState,
  async freeBytes(path) {
    let folder = path;
    while (!existsSync(folder)) folder = dirname(folder);
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
  async isEmptyFolder(path) {
    return !existsSync(path) || (await readdir(path)).length === 0;
  },
  async startEtcd(root) {
    if (root !== '/') return { kind: 'by-hand', because: 'files were written below another folder' };
    if (!existsSync('/run/systemd/system')) return { kind: 'by-hand', because: 'systemd does not run here' };
    try {
      for (const args of [['daemon-reload'], ['enable', 'etcd.service'], ['restart', 'etcd.service']])
        await run('systemctl', args, { timeout: START_LIMIT_MS });
      return { kind: 'started' };
    } catch (error) {
      return { kind: 'failed', says: error instanceof Error ? error.message.trim() : String(error) };
    }
  },
};

function portState(address: string, port: number): Promise<PortState> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve('taken');
      else if (error.code === 'EADDRNOTAVAIL') resolve('not-our-address');
      else reject(error);
    });
    server.listen(port, address, () => server.close(() => resolve('free')));
  });
}
