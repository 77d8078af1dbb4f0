/**
 * What one etcd member of the cluster is told, as the environment variables that etcd 3.4 and newer read
 * (`etcd --help`: each flag `--some-name` is `ETCD_SOME_NAME`). What tells a learner from a voter is how it was added; its quota
 * alone is another one. Sized for a Raspberry Pi on a card: a small database and little history, few and small files.
 */

export interface TlsFiles {
  /** PEM files of this member: the authority that signed all members and clients, its own certificate and key. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface MemberSettings {
  readonly name: string;
  /** Whether it stays one. */
  readonly isLearner: boolean;
  readonly dataDir: string;
  /** `http://10.0.0.1:2380`: where it listens to the other members. */
  readonly listenPeerUrl: string;
  /** What the others are told; another one than the above behind a proxy. */
  readonly advertisePeerUrl: string;
  readonly listenClientUrls: readonly string[];
  readonly advertiseClientUrl: string;
  /** Names and advertised peer URLs of all members it starts with, itself among them. */
  readonly initialCluster: ReadonlyMap<string, string>;
  /** `new`: these members found the cluster together. `existing`: it was added to one that runs. */
  readonly initialState: 'new' | 'existing';
  /** Keeps members of two clusters on one network apart. */
  readonly token: string;
  readonly tls: TlsFiles | undefined;
}

/** The longest round trip to expect between two members: that of a Pi Zero's WLAN, a few ms, with its power saving 100 ms. */
const HEARTBEAT_MS = 150;
/**
 * Ten heartbeats, as etcd's tuning guide has it, and one and a half times its own 1 s, since a Pi's card may hold a write up
 * for some 100 ms and more. Another leads one to two of these after the last heartbeat of a lost leader.
 */
const ELECTION_TIMEOUT_MS = 1_500;
/** Entries kept in memory before a snapshot; etcd's 100 000 would be tens of megabytes. */
const SNAPSHOT_COUNT = 5_000;
/** Of old revisions; what this package keeps, it keeps under keys of its own. */
const HISTORY = '10m';
/** 64 MiB: the database is mapped into memory, so it is a bound of memory as well. */
const QUOTA_BYTES = 67_108_864;
/**
 * etcd defragments no learner while it runs (rpctypes.ErrGRPCNotSupportedForLearner): one whose file came to its quota would
 * keep everybody from writing until somebody stops it. Voters come to theirs first and are defragmented; what the learner
 * does not give back it uses again.
 */
const LEARNER_QUOTA_BYTES = 4 * QUOTA_BYTES;
/** Of 64 MB each, which etcd writes ahead; its own five would be 320 MB of a card. */
const WAL_FILES = 2;
const SNAPSHOT_FILES = 2;

/** In the order they are written to a file. */
export function etcdEnvironment(settings: MemberSettings): ReadonlyMap<string, string> {
  const quota = settings.isLearner ? LEARNER_QUOTA_BYTES : QUOTA_BYTES;
  return new Map([
    ...addresses(settings),
    ...SIZES,
    ['ETCD_QUOTA_BACKEND_BYTES', String(quota)],
    ...MEMORY,
    ...(settings.tls ? tlsVariables(settings.tls) : []),
  ]);
}

function addresses(settings: MemberSettings): [string, string][] {
  return [
    ['ETCD_NAME', settings.name],
    ['ETCD_DATA_DIR', settings.dataDir],
    ['ETCD_LISTEN_PEER_URLS', settings.listenPeerUrl],
    ['ETCD_LISTEN_CLIENT_URLS', settings.listenClientUrls.join(',')],
    ['ETCD_ADVERTISE_CLIENT_URLS', settings.advertiseClientUrl],
    ['ETCD_INITIAL_ADVERTISE_PEER_URLS', settings.advertisePeerUrl],
    ['ETCD_INITIAL_CLUSTER', [...settings.initialCluster].map(([name, url]) => `${name}=${url}`).join(',')],
    ['ETCD_INITIAL_CLUSTER_STATE', settings.initialState],
    ['ETCD_INITIAL_CLUSTER_TOKEN', settings.token],
  ];
}

const SIZES: readonly [string, string][] = [
  ['ETCD_HEARTBEAT_INTERVAL', String(HEARTBEAT_MS)],
  ['ETCD_ELECTION_TIMEOUT', String(ELECTION_TIMEOUT_MS)],
  // A member that was cut off asks before it calls a vote, and so does not depose a leader when it returns; 3.5 does anyway.
  ['ETCD_PRE_VOTE', 'true'],
  ['ETCD_SNAPSHOT_COUNT', String(SNAPSHOT_COUNT)],
  ['ETCD_MAX_SNAPSHOTS', String(SNAPSHOT_FILES)],
  ['ETCD_MAX_WALS', String(WAL_FILES)],
  ['ETCD_AUTO_COMPACTION_MODE', 'periodic'],
  ['ETCD_AUTO_COMPACTION_RETENTION', HISTORY],
];

const MEMORY: readonly [string, string][] = [
  // Its collector runs twice as often for half of the spare memory; a Pi Zero 2 W has 512 MB for everything.
  ['GOGC', '50'],
  // And works harder near this, after a backlog above all: without it 180 MB were seen where 45 are enough (Go 1.19 and newer).
  ['GOMEMLIMIT', '64MiB'],
];

function tlsVariables({ ca, cert, key }: TlsFiles): [string, string][] {
  return ['ETCD', 'ETCD_PEER'].flatMap((prefix): [string, string][] => [
    [`${prefix}_TRUSTED_CA_FILE`, ca],
    [`${prefix}_CERT_FILE`, cert],
    [`${prefix}_KEY_FILE`, key],
    [`${prefix}_CLIENT_CERT_AUTH`, 'true'],
  ]);
}

/** What Node.js calls the architectures that etcd 3.4 starts on only when told to. */
export function architectureVariables(arch: string): ReadonlyMap<string, string> {
  const unsupported = arch === 'arm64' || arch === 'arm';
  return new Map(unsupported ? [['ETCD_UNSUPPORTED_ARCH', arch]] : []);
}
