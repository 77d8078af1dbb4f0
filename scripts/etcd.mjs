/**
 * The etcd of the tests, Debian's: what is installed, else unpacked once into the cache (never installed: Debian's package
 * starts a service). Writes build/etcd.json, `{"etcd", "etcdctl", "version"}`, the first two programs. Where that cannot
 * be, it is `{"reason"}`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cachePath, placeFolder } from './cache.mjs';
import { keepForTests, NotHere, unpackPackages } from './debian-packages.mjs';

const NAMES = ['etcd', 'etcdctl'];
const PACKAGES = ['etcd-server', 'etcd-client'];
const UNPACKED = cachePath('etcd', `debian-${process.arch}`);

function findIn(folders) {
  const paths = NAMES.map((name) => folders.map((folder) => join(folder, name)).find((path) => existsSync(path)));
  return paths.includes(undefined) ? undefined : paths;
}

async function programs() {
  const installed = findIn((process.env.PATH ?? '').split(delimiter));
  if (installed) return installed;
  if (!existsSync(UNPACKED)) await placeFolder(async (folder) => unpackPackages('etcd', PACKAGES, folder), UNPACKED);
  const unpacked = findIn([join(UNPACKED, 'usr', 'bin')]);
  if (unpacked) return unpacked;
  throw new NotHere(`there is no etcd in ${UNPACKED}: remove that folder`);
}

function versionOf(etcd) {
  const { status, stdout, stderr, error } = spawnSync(etcd, ['--version'], {
    encoding: 'utf8',
    env: withArchitecture(),
  });
  const version = /^etcd Version: (\S+)$/m.exec(stdout ?? '')?.[1];
  if (status === 0 && version !== undefined) return version;
  throw new NotHere(`${etcd} does not start: ${error?.message ?? stderr.trim()}`);
}

/** etcd 3.4 refuses to start on these without being told. */
function withArchitecture() {
  const architecture = { arm64: 'arm64', arm: 'arm' }[process.arch];
  return architecture ? { ...process.env, ETCD_UNSUPPORTED_ARCH: architecture } : process.env;
}

async function bring() {
  const [etcd, etcdctl] = await programs();
  return { etcd, etcdctl, version: versionOf(etcd) };
}

await keepForTests('etcd', bring, ({ etcd, version }) => `${version}, ${etcd}`);
