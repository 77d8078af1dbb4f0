/**
 * Refusals of etcd's membership calls that want different actions and have one gRPC code, told by their texts: those of
 * api/v3rpc/rpctypes/error.go, unchanged from 3.4 to 3.6.
 */
import { EtcdError } from '../cluster/etcd/etcd-error';

/** ErrGRPCTooManyLearners: 3.4 takes one at a time, later ones as many as --max-learners says, by default one. */
export function isTooManyLearners(error: unknown): boolean {
  return error instanceof EtcdError && error.message.includes('too many learner members');
}

/**
 * ErrGRPCMemberNotEnoughStarted, ErrUnhealthy and ErrGRPCLearnerNotReady: voters that have only just met, a member that is
 * just starting, a learner that has not caught up. All pass by themselves.
 */
export function passesByItself(error: unknown): boolean {
  if (!(error instanceof EtcdError) || isTooManyLearners(error)) return false;
  return error.kind === 'no-leader' || error.kind === 'no-answer' || FOR_THE_MOMENT.test(error.message);
}

/**
 * ErrGRPCMemberNotFound of an addition: its ID is a hash of URL and second (etcdserver/api/membership/member.go), and that
 * ID has just been removed.
 */
export function isStillRemoved(error: unknown): boolean {
  return error instanceof EtcdError && error.kind === 'not-found';
}

const FOR_THE_MOMENT = /not enough started members|unhealthy cluster|in sync with leader/;
