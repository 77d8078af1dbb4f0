/**
 * What can go wrong at one etcd member, as a kind that the callers branch on. The kind follows from the gRPC code of the
 * answer; where etcd uses one code for things that want different actions, and only there, its text decides: the texts are
 * those of etcd's api/v3rpc/rpctypes/error.go, unchanged from 3.4 to 3.7. Codes are of google.golang.org/grpc/codes.
 */

export type EtcdFault =
  /** No connection: refused, reset, no route, TLS. What was asked may still have happened if it was sent. */
  | 'unreachable'
  /** Connected, and nothing came before the deadline. What was asked may have happened. */
  | 'no-answer'
  /** The member is a learner: it serves serializable reads and status alone. */
  | 'learner'
  /** The member sees no leader, or lost it over this call. What was asked may have happened. */
  | 'no-leader'
  /** The revision is no longer kept. */
  | 'compacted'
  /** The quota is used up: nothing may be written until space is made and the alarm disarmed. */
  | 'no-space'
  /** Too many requests. */
  | 'busy'
  /** The token is unknown or old, or there is none: authenticate again. */
  | 'unauthenticated'
  /** The user is not known, the password is wrong, or the user may not do this. */
  | 'denied'
  | 'not-found'
  /** The member is in no state for this: not the leader, a learner that lags, no authentication. */
  | 'refused'
  /** The request is not one that etcd takes. */
  | 'invalid'
  /** The member's data are damaged. */
  | 'corrupt'
  /** What came is not what etcd answers: another service listens there, or a proxy stands before it. */
  | 'broken-answer'
  /** The response, or one line of a stream, is larger than is taken. Not the member's fault: ask for less. */
  | 'too-large'
  /** The member is of another cluster than the other endpoints. */
  | 'other-cluster'
  /** Ended by whoever asked. */
  | 'closed'
  | 'unknown';

export interface EtcdErrorOptions extends ErrorOptions {
  /** What to do about it, where that is known better than by the kind. */
  readonly advice?: string | undefined;
}

export class EtcdError extends Error {
  override readonly name = 'EtcdError';
  readonly advice: string | undefined;

  constructor(
    readonly kind: EtcdFault,
    /** The URL that was asked. */
    readonly endpoint: string,
    message: string,
    options: EtcdErrorOptions = {},
  ) {
    super(message, options);
    this.advice = options.advice;
  }
}

/** What was thrown by something else is `unknown`. */
export function asEtcdError(error: unknown): EtcdError {
  return error instanceof EtcdError ? error : new EtcdError('unknown', '', String(error), { cause: error });
}

/** Another member may do better, now. */
export function isOfMember(kind: EtcdFault): boolean {
  return MEMBERS_FAULTS.has(kind);
}

const MEMBERS_FAULTS: ReadonlySet<EtcdFault> = new Set([
  'unreachable',
  'no-answer',
  'learner',
  'no-leader',
  'busy',
  'corrupt',
  'broken-answer',
  'other-cluster',
  'unknown',
]);

const BY_CODE: Readonly<Record<number, EtcdFault>> = {
  1: 'unreachable',
  4: 'no-answer',
  5: 'not-found',
  7: 'denied',
  9: 'refused',
  13: 'unknown',
  15: 'corrupt',
  16: 'unauthenticated',
};

/** UNAVAILABLE until etcd 3.5, FAILED_PRECONDITION from 3.6 on, which is also the code of much else. */
const LEARNER = 'rpc not supported for learner';

/** `code` and `text`: of the answer. */
export function faultOf(code: number, text: string): EtcdFault {
  if (text.includes(LEARNER)) return 'learner';
  // etcd 3.4 says so of a member's own affairs (defragmenting) with code 2.
  if (text === 'auth: invalid auth token') return 'unauthenticated';
  switch (code) {
    case 3:
      return ofInvalidArgument(text);
    case 8:
      return text.includes('database space exceeded') ? 'no-space' : 'busy';
    case 11:
      return text.includes('has been compacted') ? 'compacted' : 'invalid';
    case 14:
      return ofUnavailable(text);
    default:
      return BY_CODE[code] ?? 'unknown';
  }
}

/** ErrGRPCUserEmpty is what a request without token gets, ErrGRPCAuthOldRevision one whose token is from before a change. */
function ofInvalidArgument(text: string): EtcdFault {
  if (text.includes('user name is empty') || text.includes('revision of auth store is old')) return 'unauthenticated';
  return text.includes('authentication failed') ? 'denied' : 'invalid';
}

/** ErrGRPCStopped and the gateway's own lost connection want another member; the rest is a cluster without leader. */
function ofUnavailable(text: string): EtcdFault {
  return /no leader|leader changed|request timed out|unhealthy cluster/.test(text) ? 'no-leader' : 'unreachable';
}
