/** `edge-wasi cluster status`: who is there, who leads, and what is to be mended, as a table or as JSON. */
import { EtcdError } from '../cluster/etcd/etcd-error';
import { type Alarm, alarms } from '../cluster/etcd/membership';
import { clockSkew, TELLABLE_SKEW_MS } from './clock-skew';
import type { Access } from './command-line';
import { skewText } from './look-first';
import { type MemberState, OpenAccess } from './open-access';
import type { Surroundings } from './surroundings';

export interface MemberLine {
  readonly name: string;
  readonly id: string;
  readonly role: 'leader' | 'voter' | 'learner';
  readonly state: 'answers' | 'does not answer' | 'never started';
  readonly version: string | null;
  /** In use, of the database. */
  readonly dataBytes: number | null;
  /** etcd's, of the newest entry that it has. */
  readonly revision: number | null;
  readonly clockSkewMs: number | null;
  readonly url: string;
}

export interface ClusterReport {
  readonly members: readonly MemberLine[];
  /** How many voters may fail and the rest goes on. */
  readonly maySpare: number;
  readonly toMend: readonly string[];
}

const BYTES_PER_MB = 1_000_000;

/** Whether there is nothing to mend. */
export async function clusterStatus(
  wanted: Access,
  root: string,
  json: boolean,
  { machine, say }: Surroundings,
): Promise<boolean> {
  const access = await OpenAccess.open(wanted, root);
  try {
    const states = await access.members();
    const raised = await access.asked((client) => alarms(client)).catch(noLeader);
    const lines = await Promise.all(states.map((state) => lineOf(state, states, access, machine.now)));
    lines.sort((a, b) => a.name.localeCompare(b.name));
    const report = { members: lines, maySpare: spare(lines), toMend: mends(lines, raised) };
    say(json ? JSON.stringify(report, null, 2) : reportText(report));
    return report.toMend.length === 0;
  } finally {
    access.close();
  }
}

async function lineOf(
  { entry, status }: MemberState,
  states: readonly MemberState[],
  { tls }: OpenAccess,
  now: () => number,
): Promise<MemberLine> {
  const url = entry.clientUrls[0] ?? entry.peerUrls[0] ?? '';
  const skew = status === undefined ? undefined : await clockSkew(url, tls, now);
  const leads = states.some((other) => other.status?.leaderId === entry.id);
  const role = leads ? 'leader' : 'voter';
  return {
    name: entry.name || entry.id,
    id: entry.id,
    role: entry.isLearner ? 'learner' : role,
    state: entry.name === '' ? 'never started' : status === undefined ? 'does not answer' : 'answers',
    version: status?.version ?? null,
    dataBytes: status?.dbBytesInUse ?? null,
    revision: status === undefined ? null : Number(status.revision),
    clockSkewMs: skew === undefined ? null : Math.round(skew),
    url,
  };
}

/** Alarms are asked for through the leader, and whether there is one is what status tells. */
function noLeader(error: unknown): undefined {
  if (!(error instanceof EtcdError) || error.kind !== 'no-leader') throw error;
  return undefined;
}

function spare(lines: readonly MemberLine[]): number {
  const voters = lines.filter(({ role }) => role !== 'learner');
  const answering = voters.filter(({ state }) => state === 'answers').length;
  return answering - (Math.floor(voters.length / 2) + 1);
}

function mends(lines: readonly MemberLine[], raised: readonly Alarm[] | undefined): string[] {
  const voters = lines.filter(({ role }) => role !== 'learner').length;
  return [
    ...lines
      .filter(({ state }) => state === 'does not answer')
      .map(({ name, url }) => `${name} (${url}) does not answer`),
    ...lines
      .filter(({ state }) => state === 'never started')
      .map(
        ({ id, url }) => `${url} was added and never started: finish its join, or: npx edge-wasi cluster remove ${id}`,
      ),
    ...lines.flatMap(({ name, clockSkewMs }) =>
      clockSkewMs !== null && Math.abs(clockSkewMs) >= TELLABLE_SKEW_MS ? [skewText(name, clockSkewMs)] : [],
    ),
    ...(raised ? [] : ['there is no leader: nothing is written until a majority of the voters is back']),
    ...(raised ?? []).map(({ kind, memberId }) => {
      const name = lines.find(({ id }) => id === memberId)?.name ?? memberId;
      return kind === 'no-space'
        ? `${name} has used up its quota, and nothing can be written: ${spaceCommand(lines)}`
        : `${name} says that its data are damaged: remove it, and let it join again`;
    }),
    ...(voters % 2 === 0 ? [`${voters} voters bear no more than ${voters - 1} would: add one or remove one`] : []),
  ];
}

/** History goes first, then the holes that it leaves in each member's file, then the alarm, which is there until told. */
function spaceCommand(lines: readonly MemberLine[]): string {
  const answering = lines.filter(({ state, role }) => state === 'answers' && role !== 'learner');
  const revision = Math.max(...answering.map((line) => line.revision ?? 0));
  const etcdctl = `ETCDCTL_API=3 etcdctl --endpoints=${answering.map(({ url }) => url).join(',')}`;
  return [`compact ${revision}`, 'defrag --command-timeout=60s', 'alarm disarm']
    .map((deed) => `${etcdctl} ${deed}`)
    .join(' && ');
}

function reportText({ members, maySpare, toMend }: ClusterReport): string {
  const rows = members.map(({ name, role, state, version, dataBytes, clockSkewMs, url }) => [
    name,
    role,
    state,
    version ?? '-',
    dataBytes === null ? '-' : `${(dataBytes / BYTES_PER_MB).toFixed(1)} MB`,
    clockSkewMs === null
      ? '-'
      : Math.abs(clockSkewMs) < TELLABLE_SKEW_MS
        ? 'right'
        : `${(clockSkewMs / 1_000).toFixed(0)} s`,
    url,
  ]);
  const heads = ['node', 'role', 'state', 'etcd', 'data', 'clock', 'clients'];
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => (row[i] ?? '').length)));
  const table = [heads, ...rows].map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const bears = maySpare <= 0 ? 'No further voter may fail.' : `${maySpare} more of the voters may fail.`;
  return [...table, '', bears, ...toMend.map((mend) => `to mend: ${mend}`)].join('\n');
}
