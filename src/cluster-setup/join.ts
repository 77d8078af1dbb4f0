/**
 * `edge-wasi cluster join`: makes this machine a member of a cluster that runs. It is added as a learner, which has no
 * vote: should it never start, nobody misses it. Once it has caught up it is promoted, if it is to vote. Interrupted, the
 * command takes up where it was. etcd 3.4 takes one learner at a time; where a learner is there to stay, a voter is added
 * as such, and only while all others answer.
 */
import { addMember, type ClusterMember, members, removeMember } from '../cluster/etcd/membership';
import { clientUrl, peerUrl } from './addresses';
import type { Access, Target } from './command-line';
import { isStillRemoved, isTooManyLearners, passesByItself } from './etcd-refusals';
import { all, lookAtCluster, lookAtMachine } from './look-first';
import { hostTomlLines, plannedFiles } from './member-file-plan';
import { type MemberState, OpenAccess } from './open-access';
import { patiently } from './patience';
import { place, show, tell } from './placing';
import { promoteWhenReady } from './promote';
import { Refusal } from './refusal';
import type { SetupFile } from './setup-files';
import type { Surroundings } from './surroundings';

export async function join(target: Target, wanted: Access, around: Surroundings): Promise<void> {
  const { machine, say } = around;
  const access = await OpenAccess.open(wanted, target.root);
  try {
    const states = await access.members();
    const own = peerUrl(target.address, access.tls !== undefined);
    const existing = takenUp(states, target, own);
    // Its ports are taken and its folder is full by then, as they should be.
    const hasStarted = existing !== undefined && existing.name !== '';
    if (!hasStarted)
      tell(all([await lookAtMachine(target, access.tls, machine), await lookAtCluster(states, access, machine)]), say);
    const files = filesFor(target, wanted, states, own, machine.arch);
    if (target.isDryRun) return show(files, say);
    const added = existing ?? (await add(access, states, target, own, around));
    const isRunning =
      hasStarted || (await placed(access, added, existing !== undefined, () => place(target, files, around)));
    await voteIfWanted(access, target, added, isRunning, around);
    const urls = [clientUrl(target.address, access.tls !== undefined), ...states.flatMap(urlOf)];
    say('\nhost.toml of this node:');
    for (const line of hostTomlLines(target, [...new Set(urls)], wanted.tls)) say(`| ${line}`);
  } finally {
    access.close();
  }
}

function urlOf({ entry }: MemberState): readonly string[] {
  return entry.clientUrls.slice(0, 1);
}

/**
 * What an earlier join has left, if any: a member that never started, or one that waits for its vote. Throws where this name
 * or another's join is in the way.
 */
function takenUp(states: readonly MemberState[], { name, role }: Target, own: string): ClusterMember | undefined {
  const entries = states.map(({ entry }) => entry);
  const known = entries.find((entry) => entry.name === name);
  if (known) {
    if (known.isLearner && role !== 'learner' && known.peerUrls.includes(own)) return known;
    throw new Refusal(`The cluster has a member ${name} already.`, [
      `If its data are lost, or it is to be replaced: npx edge-wasi cluster remove ${name}`,
    ]);
  }
  const atOwn = entries.find(({ peerUrls }) => peerUrls.includes(own));
  if (atOwn && atOwn.name !== '')
    throw new Refusal(`${own} is ${atOwn.name}'s.`, [`npx edge-wasi cluster remove ${atOwn.name}`]);
  const other = entries.find((entry) => entry.name === '' && entry !== atOwn);
  if (other)
    throw new Refusal(`A member at ${other.peerUrls[0]} was added and has never started.`, [
      `Start it, or: npx edge-wasi cluster remove ${other.id}`,
    ]);
  return atOwn;
}

function filesFor(
  target: Target,
  { tls }: Access,
  states: readonly MemberState[],
  own: string,
  arch: string,
): readonly SetupFile[] {
  const others = states.filter(({ entry }) => entry.name !== '');
  const entries = others.map(({ entry }): [string, string] => [entry.name, entry.peerUrls[0] ?? '']);
  const initialCluster = new Map([...entries, [target.name, own] as [string, string]]);
  return plannedFiles(target, tls, { initialCluster, initialState: 'existing', arch });
}

async function add(
  access: OpenAccess,
  states: readonly MemberState[],
  { name, role }: Target,
  own: string,
  { patience, say }: Surroundings,
): Promise<ClusterMember> {
  // Asked again after a deadline, it may have been added already.
  const ask = (isLearner: boolean) =>
    patiently(
      patience,
      (error) => passesByItself(error) || isStillRemoved(error),
      () =>
        access.asked(async (client) => {
          const entries = await members(client);
          const there = entries.find(({ peerUrls }) => peerUrls.includes(own));
          return there ?? (await addMember(client, { peerUrls: [own], isLearner }));
        }),
    );
  try {
    const added = await ask(true);
    say(`added ${name} as a learner`);
    return added;
  } catch (error) {
    if (!isTooManyLearners(error)) throw error;
    if (role === 'learner')
      throw new Refusal('The cluster has a learner already, and etcd takes one.', [
        'A node need not be a member: with [cluster] endpoints in its host.toml it takes part through the others.',
      ]);
    const silent = states.filter(({ status }) => status === undefined);
    if (silent.length > 0)
      throw new Refusal(`${name} would be added as a voter at once, and ${silent[0]?.entry.name} does not answer.`);
    const added = await ask(false);
    say(`added ${name} as a voter at once, since the cluster has a learner already`);
    return added;
  }
}

/** A member that is known and never comes is a burden to all: what was added is taken back if its files are not there. */
async function placed(
  access: OpenAccess,
  added: ClusterMember,
  wasThere: boolean,
  write: () => Promise<boolean>,
): Promise<boolean> {
  try {
    return await write();
  } catch (error) {
    if (!wasThere) await access.asked((client) => removeMember(client, added.id));
    throw error;
  }
}

async function voteIfWanted(
  access: OpenAccess,
  { name, role }: Target,
  added: ClusterMember,
  isRunning: boolean,
  around: Surroundings,
): Promise<void> {
  if (role === 'learner' || !added.isLearner) return;
  if (isRunning) return promoteWhenReady(access, added.id, name, around);
  around.say(`Once it runs: npx edge-wasi cluster promote ${name}`);
}
