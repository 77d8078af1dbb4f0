/**
 * Loaded before the command (`node --require`): makes this computer answer as another machine would where files cannot
 * say it, which is owners of files, who runs this, the processor, the Node.js version, and what koffi reaches. Nothing of
 * the command is replaced.
 */
import { readFileSync } from 'node:fs';
import type { Owner } from './fake-machine';

export interface StandIn {
  readonly root: string;
  readonly owners: readonly (readonly [string, Owner])[];
  readonly uid: number;
  readonly gids: readonly number[];
  readonly arch: string;
  readonly node: string;
  /** undefined: koffi is not installed. */
  readonly koffi?: string | undefined;
  /** What the chip at the BME680's address says it is; undefined: nobody answers. */
  readonly chipId?: number | undefined;
}

/** Names the file with the StandIn as JSON. */
export const STAND_IN = 'EDGE_WASI_TEST_STAND_IN';

const described = process.env[STAND_IN];
if (described !== undefined) standIn(JSON.parse(readFileSync(described, 'utf8')));

function standIn({ root, owners, uid, gids, arch, node, koffi, chipId }: StandIn): void {
  const promises: typeof import('node:fs/promises') = require('node:fs/promises');
  const table = new Map(owners.map(([path, owner]) => [`${root}${path}`, owner]));
  const realStat = promises.stat;
  Object.defineProperty(promises, 'stat', {
    value: async (path: string) => {
      const found = await realStat(path);
      const owner = table.get(path);
      return owner ? Object.assign(found, owner, { isDirectory: isDirectoryOf(found) }) : found;
    },
  });
  Object.defineProperty(process, 'arch', { value: arch });
  Object.defineProperty(process.versions, 'node', { value: node });
  Object.assign(process, { geteuid: () => uid, getegid: () => gids[0] ?? uid, getgroups: () => [...gids] });
  replaceModules((request) => {
    if (request === 'koffi') {
      if (koffi !== undefined) return { version: koffi };
      throw Object.assign(new Error("Cannot find module 'koffi'"), { code: 'MODULE_NOT_FOUND' });
    }
    if (/linux\/i2c-adapter$/.test(request)) return { i2cAdapter: () => transferOf(chipId) };
    return undefined;
  });
}

/** The mode that is assigned is without the bits that say what kind of file it is. */
function isDirectoryOf(found: { isDirectory(): boolean }): () => boolean {
  const isDirectory = found.isDirectory();
  return () => isDirectory;
}

/** A chip that knows one register, at the address that host.toml has by default. */
function transferOf(chipId: number | undefined) {
  return async (address: number, write: Uint8Array, readLength: number): Promise<Uint8Array> => {
    const isAsked = address === 0x77 && write.length === 1 && write[0] === 0xd0 && readLength === 1;
    if (chipId !== undefined && isAsked) return Uint8Array.of(chipId);
    throw Object.assign(new Error('ioctl: EREMOTEIO'), { code: 'EREMOTEIO' });
  };
}

function replaceModules(instead: (request: string) => unknown): void {
  const modules: Record<'_load', (request: string, ...rest: unknown[]) => unknown> = require('node:module');
  const realLoad = modules._load;
  modules._load = (request, ...rest) => instead(request) ?? realLoad(request, ...rest);
}
