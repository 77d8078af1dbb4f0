/**
 * `edge-wasi cluster remove`: takes a member out, by its name, or by its ID where it never started. Not if those who answer
 * would then be no majority of the rest: a cluster without one can take nobody in or out any more. Its readings go with it.
 */
import { EtcdError } from '../cluster/etcd/etcd-error';
import type { EtcdMember } from '../cluster/etcd/member';
import { members, removeMember, transferLeadership } from '../cluster/etcd/membership';
import type { Access } from './command-line';
import { passesByItself } from './etcd-refusals';
import { forgetNode } from './forget';
import { type MemberState, OpenAccess } from './open-access';
import { patiently } from './patience';
import { Refusal } from './refusal';
import { DATA_FOLDER } from './setup-files';
import type { Surroundings } from './surroundings';

export async function remove(
  name: string,
  wanted: Access,
  root: string,
  { patience, say }: Surroundings,
): Promise<void> {
  const access = await OpenAccess.open(wanted, root);
  try {
    const states = await access.members();
    const gone = states.find(({ entry }) => entry.name === name || (entry.name === '' && entry.id === name));
    if (!gone) throw new Refusal(`The cluster has no member ${name}.`);
    const voters = states.filter((state) => state !== gone && !state.entry.isLearner);
    if (voters.length === 0) throw new Refusal(`${name} is the last voter: a cluster ends when its last etcd does.`);
    const answering = voters.filter(({ status }) => status !== undefined);
    if (answering.length <= voters.length / 2)
      throw new Refusal(`Without ${name}, ${answering.length} of ${voters.length} voters answer: no majority.`, [
        'Bring one of the others back first.',
      ]);
    await handOver(gone, answering);
    await patiently(patience, passesByItself, () => access.asked((client) => takeOut(client, gone.entry.id)));
    if (gone.entry.name !== '') await forget(access, gone.entry.name, say);
    say(`${name} is no member any more. There, if it still runs:`);
    say(`$ sudo systemctl disable --now etcd && sudo rm -r ${DATA_FOLDER}`);
  } finally {
    access.close();
  }
}

/** It is out already, whatever becomes of this; what stays is overwritten by a node of that name. */
async function forget(access: OpenAccess, node: string, say: Surroundings['say']): Promise<void> {
  try {
    await access.asked((client) => forgetNode(client, node));
  } catch (error) {
    if (!(error instanceof EtcdError || error instanceof Refusal)) throw error;
    say(`warning: its readings are still there: ${error.message}`);
  }
}

/** Asked again after a deadline, it may be gone already. */
async function takeOut(client: EtcdMember, id: string): Promise<void> {
  const entries = await members(client);
  if (entries.some((entry) => entry.id === id)) await removeMember(client, id);
}

/** A leader that is simply removed leaves the others without one until they have waited for it in vain. */
async function handOver(gone: MemberState, others: readonly MemberState[]): Promise<void> {
  const [next] = others;
  const isLeader = gone.status !== undefined && gone.status.leaderId === gone.entry.id;
  if (isLeader && next) await transferLeadership(gone.client, next.entry.id);
}
