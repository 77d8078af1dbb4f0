/** Who leads, by what the members themselves say. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Status, statusOf } from './etcd-calls';
import type { EtcdMember } from './etcd-member';

const LIMIT_MS = 60_000;
const LOOK_AGAIN_MS = 30;
const ANSWER_LIMIT_MS = 1_000;

/**
 * Waits for a member that says it leads, in the highest term that anybody knows of, and that more than half of those who
 * answer follow. One that was cut off leads no more, though it may not know it yet.
 */
export async function findLeader(members: readonly EtcdMember[], limitMs = LIMIT_MS): Promise<EtcdMember> {
  const endsAt = Date.now() + limitMs;
  for (;;) {
    const told = await allStatus(members);
    const term = Math.max(0, ...told.map(({ status }) => status.raftTerm));
    const leading = told.find(({ status }) => status.raftTerm === term && status.leader === status.memberId);
    const followers = told.filter(({ status }) => status.leader === leading?.status.memberId);
    if (leading && followers.length * 2 > told.length) return leading.member;
    if (Date.now() > endsAt) throw new Error(`there is no leader: ${JSON.stringify(told.map(({ status }) => status))}`);
    await pause(LOOK_AGAIN_MS);
  }
}

async function allStatus(members: readonly EtcdMember[]): Promise<{ member: EtcdMember; status: Status }[]> {
  const asked = members
    .filter(({ responsive }) => responsive)
    .map(async (member) => {
      const status = await statusOf(member.clientUrl, ANSWER_LIMIT_MS).catch(() => undefined);
      return status ? [{ member, status }] : [];
    });
  return (await Promise.all(asked)).flat();
}
