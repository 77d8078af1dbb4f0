/**
 * etcd and etcdctl of this machine (build/etcd.json, scripts/etcd.mjs), and newer etcds, one of each minor version
 * (build/etcd-versions.json, scripts/build-etcd.mjs).
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../wasm/components';

export interface EtcdPrograms {
  readonly etcd: string;
  readonly etcdctl: string;
  readonly version: string;
}

export interface EtcdBuild {
  readonly version: string;
  readonly etcd: string;
}

interface Reason {
  readonly reason: string;
}

function look<T>(name: string): T | Reason {
  const file = join(REPOSITORY, 'build', name);
  if (!existsSync(file)) return { reason: `there is no build/${name}: run "npm test -- cluster"` };
  return JSON.parse(readFileSync(file, 'utf8'));
}

const found = look<EtcdPrograms>('etcd.json');
const newer = look<readonly EtcdBuild[]>('etcd-versions.json');
/** Why there is no etcd here, for the tests that need one; false where there is. */
export const noEtcd: string | false = 'reason' in found ? found.reason : false;

/** Why there are no newer ones; false where there are. */
export const noNewerEtcds: string | false = 'reason' in newer ? newer.reason : false;

export function etcdPrograms(): EtcdPrograms {
  if ('reason' in found) throw new Error(found.reason);
  return found;
}

/** Oldest first: this machine's, then what is newer. */
export function everyEtcd(): readonly EtcdBuild[] {
  const minor = (version: string) => Number(version.split('.')[1]);
  if ('reason' in found) return [];
  const later = 'reason' in newer ? [] : newer.filter(({ version }) => minor(version) > minor(found.version));
  return [found, ...later];
}
