/**
 * Leases at one member. etcd gives no lease shorter than one and a half election timeouts: with 2500 ms asked-for 1 s
 * becomes 4 s (server/v3_server.go, minTTL). It measures them at its leader, and a new leader starts each anew.
 */
import { EtcdError } from './etcd-error';
import { id, int64, type Json, positive, WrongField } from './json-fields';
import type { CallOptions, EtcdMember } from './member';

export interface Lease {
  readonly id: string;
  /** What was granted. */
  readonly ttlMs: number;
}

const MS_PER_SECOND = 1_000;

export async function grantLease(member: EtcdMember, ttlMs: number, options: CallOptions = {}): Promise<Lease> {
  const asked = Math.max(1, Math.ceil(ttlMs / MS_PER_SECOND));
  const read = (answer: Json): Lease => ({
    id: positive(answer, 'ID').toString(),
    ttlMs: Number(positive(answer, 'TTL')) * MS_PER_SECOND,
  });
  return await member.ask('/v3/lease/grant', { TTL: asked.toString() }, read, options);
}

/** Throws `not-found` for a lease that has run out. */
export async function keepAlive(member: EtcdMember, leaseId: string, options: CallOptions = {}): Promise<Lease> {
  const kept: Lease[] = [];
  const onResult = (result: Json) => {
    if (id(result, 'ID') !== leaseId) throw new WrongField('is about another lease');
    kept.push({ id: leaseId, ttlMs: Number(int64(result, 'TTL')) * MS_PER_SECOND });
  };
  await member.stream('/v3/lease/keepalive', { ID: leaseId }, onResult, options);
  const [first] = kept;
  if (first === undefined) {
    throw new EtcdError(
      'broken-answer',
      member.endpoint,
      `etcd at ${member.endpoint}: no response to the lease's renewal`,
    );
  }
  // etcd says so of one that it does not know by leaving its time out.
  if (first.ttlMs > 0) return first;
  throw new EtcdError('not-found', member.endpoint, `etcd at ${member.endpoint}: lease ${leaseId} has run out`);
}

/** Its keys go with it. */
export async function revokeLease(member: EtcdMember, leaseId: string, options: CallOptions = {}): Promise<void> {
  await member.call('/v3/lease/revoke', { ID: leaseId }, options);
}
