/**
 * What init and join look at before they change anything. All that is wrong is told at once, each with what to do; what is
 * merely unwise is a warning.
 */
import { join } from 'node:path';
import type { TlsMaterial } from '../cluster/etcd/tls-material';
import { CLIENT_PORT, PEER_PORT } from './addresses';
import { certificateFaults } from './certificate';
import { clockSkew, TELLABLE_SKEW_MS } from './clock-skew';
import type { Target } from './command-line';
import type { Machine } from './machine';
import type { MemberState, OpenAccess } from './open-access';
import { DATA_FOLDER } from './setup-files';
import { isTooOld, misfit } from './version';

/** Three log files of 64 MB, a database of 64 MiB with its copy while it is defragmented, snapshots of it. */
const NEEDED_BYTES = 512 * 2 ** 20;
const BYTES_PER_MB = 1_000_000;

export interface Findings {
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

export const NOTHING: Findings = { problems: [], warnings: [] };

export function all(findings: readonly Findings[]): Findings {
  return {
    problems: findings.flatMap(({ problems }) => problems),
    warnings: findings.flatMap(({ warnings }) => warnings),
  };
}

export async function lookAtMachine(target: Target, tls: TlsMaterial | undefined, machine: Machine): Promise<Findings> {
  const { root, address } = target;
  const version = await machine.etcdVersion();
  const problems = [
    ...(version === undefined ? ['there is no etcd: sudo apt-get install etcd-server etcd-client'] : []),
    ...(version !== undefined && isTooOld(version) ? [`etcd ${version} is too old: 3.4 or newer is needed`] : []),
    ...(machine.hasUnit(root) ? [] : ['there is no etcd.service: sudo apt-get install etcd-server']),
    ...(await portProblems(address, machine)),
    ...(await folderProblems(root, machine)),
    ...(tls ? certificateFaults({ ca: '', cert: '', key: '', ...tls }, address, machine.now()) : []),
  ];
  const isOpen = 'no TLS: whoever reaches ports 2379 and 2380 may read, write and remove everything';
  return { problems, warnings: tls ? [] : [isOpen] };
}

async function portProblems(address: string, machine: Machine): Promise<string[]> {
  for (const port of [CLIENT_PORT, PEER_PORT]) {
    const state = await machine.port(address, port);
    if (state === 'not-our-address') return [`${address} is no address of this machine`];
    if (state === 'taken')
      return [`port ${port} of ${address} is taken: sudo ss -ltnp 'sport = :${port}' says by whom`];
  }
  return [];
}

async function folderProblems(root: string, machine: Machine): Promise<string[]> {
  const folder = join(root, DATA_FOLDER);
  const free = await machine.freeBytes(folder);
  const mb = (bytes: number) => `${Math.floor(bytes / BYTES_PER_MB)} MB`;
  return [
    ...((await machine.isEmptyFolder(folder))
      ? []
      : [`${DATA_FOLDER} holds a member already; if it is to begin anew: sudo rm -r ${DATA_FOLDER}`]),
    ...(free < NEEDED_BYTES ? [`${mb(free)} are free for ${DATA_FOLDER}, of ${mb(NEEDED_BYTES)} that it takes`] : []),
  ];
}

/** Before this machine joins them. */
export async function lookAtCluster(
  states: readonly MemberState[],
  access: OpenAccess,
  machine: Machine,
): Promise<Findings> {
  const versions = states.flatMap(({ status }) => status?.version ?? []);
  const own = await machine.etcdVersion();
  const wrong = own === undefined ? undefined : misfit(own, versions);
  const silent = states.filter(({ entry, status }) => entry.name !== '' && status === undefined);
  const skews = await Promise.all(
    states.map(async ({ entry, status }) => {
      if (status === undefined) return [];
      const skew = await clockSkew(entry.clientUrls[0] ?? '', access.tls, machine.now);
      return skew !== undefined && Math.abs(skew) >= TELLABLE_SKEW_MS ? [skewText(entry.name, skew)] : [];
    }),
  );
  return {
    problems: wrong === undefined ? [] : [wrong],
    warnings: [...silent.map(({ entry }) => `${entry.name} does not answer`), ...skews.flat()],
  };
}

export function skewText(name: string, skewMs: number): string {
  const seconds = (Math.abs(skewMs) / 1_000).toFixed(0);
  return `${name}'s clock is ${seconds} s ${skewMs > 0 ? 'ahead' : 'behind'}: timedatectl says whether it is synchronised`;
}
