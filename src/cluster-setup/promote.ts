/** `edge-wasi cluster promote`: gives a learner a vote, as soon as it has caught up. */
import { members, promoteMember } from '../cluster/etcd/membership';
import type { Access } from './command-line';
import { passesByItself } from './etcd-refusals';
import { OpenAccess } from './open-access';
import { patiently } from './patience';
import { Refusal } from './refusal';
import type { Surroundings } from './surroundings';

export async function promote(name: string, wanted: Access, root: string, around: Surroundings): Promise<void> {
  const access = await OpenAccess.open(wanted, root);
  try {
    const states = await access.members();
    const found = states.find(({ entry }) => entry.name === name)?.entry;
    if (!found) throw new Refusal(`The cluster has no member ${name} that has started.`);
    if (found.isLearner) await promoteWhenReady(access, found.id, name, around);
    else around.say(`${name} is a voter`);
  } finally {
    access.close();
  }
}

export async function promoteWhenReady(
  access: OpenAccess,
  id: string,
  name: string,
  { patience, say }: Surroundings,
): Promise<void> {
  await patiently(patience, passesByItself, () =>
    access.asked(async (client) => {
      // Asked again after a deadline, it may be one already.
      const entry = (await members(client)).find((member) => member.id === id);
      if (entry?.isLearner !== false) await promoteMember(client, id);
    }),
  );
  say(`${name} is a voter now`);
}
