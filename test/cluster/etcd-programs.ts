/** etcd and etcdctl of this machine (build/etcd.json, scripts/etcd.mjs). */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../wasm/components';

export interface EtcdPrograms {
  readonly etcd: string;
  readonly etcdctl: string;
  readonly version: string;
}

const FILE = join(REPOSITORY, 'build', 'etcd.json');

function look(): EtcdPrograms | { readonly reason: string } {
  if (!existsSync(FILE)) return { reason: 'there is no build/etcd.json: run "npm test -- cluster"' };
  return JSON.parse(readFileSync(FILE, 'utf8'));
}

const found = look();
/** Why there is no etcd here, for the tests that need one; false where there is. */
export const noEtcd: string | false = 'reason' in found ? found.reason : false;

export function etcdPrograms(): EtcdPrograms {
  if ('reason' in found) throw new Error(found.reason);
  return found;
}
