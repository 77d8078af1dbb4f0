/**
 * The few calls to etcd's JSON gateway that tests make beside the product: they must not depend on what they judge. Each
 * has a deadline. What etcd refuses is a Refusal with its gRPC code; what does not answer is whatever `fetch` throws.
 */

const CALL_LIMIT_MS = 5_000;

export class Refusal extends Error {
  constructor(
    /** https://grpc.github.io/grpc/core/md_doc_statuscodes.html, such as 14 UNAVAILABLE. */
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

export interface MemberEntry {
  readonly ID: string;
  readonly name: string;
  readonly peerURLs: readonly string[];
  readonly isLearner: boolean;
}

export interface Status {
  readonly memberId: string;
  /** "0": it knows of none. */
  readonly leader: string;
  readonly raftTerm: number;
  readonly raftIndex: number;
  readonly revision: number;
  readonly dbSize: number;
  readonly version: string;
  readonly isLearner: boolean;
  readonly errors: readonly string[];
}

/** What the gateway says, as far as a test looks at it: int64 are texts there, and what is zero, empty or false is left out. */
export interface Answer {
  readonly header: { readonly member_id: string; readonly revision: string };
  readonly error?: unknown;
  readonly code?: number;
  readonly message?: string;
  readonly kvs?: readonly Entry[];
  readonly count?: string;
  readonly succeeded?: boolean;
  readonly responses?: readonly { readonly response_range?: { readonly kvs?: readonly Entry[] } }[];
  /** Of a lease. */
  readonly ID?: string;
  readonly result?: Result;
  readonly members?: readonly Partial<MemberEntry>[];
  readonly alarms?: readonly { readonly memberID: string; readonly alarm: string }[];
  readonly hash?: number;
  readonly leader?: string;
  readonly raftTerm?: string;
  readonly raftIndex?: string;
  readonly dbSize?: string;
  readonly version?: string;
  readonly isLearner?: boolean;
  readonly errors?: readonly string[];
}

export interface Entry {
  readonly key: string;
  readonly value?: string;
  readonly create_revision: string;
  readonly mod_revision: string;
  readonly lease?: string;
}

/** Of a lease that is kept alive, or of a watch. */
export interface Result {
  readonly TTL?: string;
  readonly header?: { readonly revision: string };
  readonly created?: boolean;
  readonly canceled?: boolean;
  readonly compact_revision?: string;
  readonly events?: readonly { readonly type?: string; readonly kv: Entry }[];
}

export async function call(url: string, path: string, body: object, limitMs = CALL_LIMIT_MS): Promise<Answer> {
  // What a member answers of itself, leader or not.
  const isLocal = path === 'maintenance/status' || ('serializable' in body && body.serializable === true);
  const response = await fetch(`${url}/v3/${path}`, {
    method: 'POST',
    // A member that knows no leader says so at once instead of after seven seconds (rpctypes.MetadataRequireLeaderKey).
    headers: isLocal ? {} : { 'Grpc-Metadata-hasleader': 'true' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(limitMs),
  });
  const text = await response.text();
  const answer: Answer = text.startsWith('{') ? JSON.parse(text) : { error: text.trim(), code: 2 };
  if (response.ok && answer.error === undefined) return answer;
  throw new Refusal(Number(answer.code ?? 2), String(answer.message ?? answer.error));
}

export function encoded(text: string): string {
  return Buffer.from(text).toString('base64');
}

export function decoded(text: string | undefined): string {
  return Buffer.from(text ?? '', 'base64').toString('utf8');
}

export async function put(url: string, key: string, value: string, limitMs?: number): Promise<void> {
  await call(url, 'kv/put', { key: encoded(key), value: encoded(value) }, limitMs);
}

/** All keys that begin so, with their values; `local`: what this one member has, without asking a leader. */
export async function under(url: string, prefix: string, local = false): Promise<Map<string, string>> {
  const end = `${prefix.slice(0, -1)}${String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)}`;
  const answer = await call(url, 'kv/range', { key: encoded(prefix), range_end: encoded(end), serializable: local });
  return new Map((answer.kvs ?? []).map(({ key, value }) => [decoded(key), decoded(value)]));
}

export async function memberList(url: string): Promise<readonly MemberEntry[]> {
  const answer = await call(url, 'cluster/member/list', {});
  return (answer.members ?? []).map((entry) => ({ ID: '', name: '', peerURLs: [], isLearner: false, ...entry }));
}

export async function statusOf(url: string, limitMs?: number): Promise<Status> {
  const answer = await call(url, 'maintenance/status', {}, limitMs);
  return {
    memberId: answer.header.member_id,
    leader: answer.leader ?? '0',
    raftTerm: Number(answer.raftTerm ?? 0),
    raftIndex: Number(answer.raftIndex ?? 0),
    revision: Number(answer.header.revision ?? 0),
    dbSize: Number(answer.dbSize ?? 0),
    version: answer.version ?? '',
    isLearner: answer.isLearner === true,
    errors: answer.errors ?? [],
  };
}
