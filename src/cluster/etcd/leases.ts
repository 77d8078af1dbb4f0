/**
 * Leases at one member. etcd gives no lease shorter than one and a half election timeouts: with 2500 ms asked-for 1 s
 * becomes 4 s (server/v3_server.go, minTTL). It measures them at its leader, and a new leader starts each anew.
 */
import { EtcdError } from './etcd-error';
import { id, int64, type Json } from './json-fields';
import type { CallOptions, EtcdMember } from './member';

export interface Lease {
  readonly id: string;
  /** What was granted. */
  readonly ttlMs: number;
}

export async function grantLease(member: EtcdMember, ttlMs: number, options: CallOptions = {}): Promise<Lease> {
  const asked = Math.max(1, Math.ceil(ttlMs / 1_000));
  return lease(await member.call('/v3/lease/grant', { TTL: asked.toString() }, options));
}

/** Throws `not-found` for a lease that has run out. */
export async function keepAlive(member: EtcdMember, leaseId: string, options: CallOptions = {}): Promise<Lease> {
  const kept: Lease[] = [];
  const onResult = (result: Json) => {
    kept.push(lease(result));
  };
  await member.stream('/v3/lease/keepalive', { ID: leaseId }, onResult, options);
  const [first] = kept;
  if (first !== undefined && first.ttlMs > 0) return first;
  throw new EtcdError('not-found', member.endpoint, `etcd at ${member.endpoint}: lease ${leaseId} has run out`);
}

/** Its keys go with it. */
export async function revokeLease(member: EtcdMember, leaseId: string, options: CallOptions = {}): Promise<void> {
  await member.call('/v3/lease/revoke', { ID: leaseId }, options);
}

function lease(json: Json): Lease {
  return { id: id(json, 'ID'), ttlMs: Number(int64(json, 'TTL')) * 1_000 };
}
