/**
 * The members of a cluster that runs, each with a client of its own, asked in their order until one answers. Throws
 * Refusal. Whoever opens an access closes it.
 */
import { stat } from 'node:fs/promises';
import { EtcdError, type EtcdFault } from '../cluster/etcd/etcd-error';
import { EtcdMember, type MemberOptions } from '../cluster/etcd/member';
import { type ClusterMember, type MemberStatus, members, status } from '../cluster/etcd/membership';
import type { TlsMaterial } from '../cluster/etcd/tls-material';
import { readTextAtMost } from '../platform/read-at-most';
import { clientUrlOfPeer } from './addresses';
import type { Access } from './command-line';
import type { TlsFiles } from './member-settings';
import { Refusal } from './refusal';
import { readEnvironment } from './setup-files';

/** Of files that hold a secret: nobody but the owner. */
const FOR_OTHERS = 0o077;
/** As of the cluster's files in Node-RED. */
const MAX_FILE_BYTES = 64 * 2 ** 10;

const MAY_BE_BETTER_ELSEWHERE: ReadonlySet<EtcdFault> = new Set([
  'unreachable',
  'no-answer',
  'learner',
  'no-leader',
  'broken-answer',
]);

export interface MemberState {
  readonly entry: ClusterMember;
  /** undefined: it does not answer. */
  readonly status: MemberStatus | undefined;
  readonly client: EtcdMember;
}

export class OpenAccess {
  readonly #clients = new Map<string, EtcdMember>();

  private constructor(
    private readonly urls: readonly string[],
    readonly tls: TlsMaterial | undefined,
    private readonly options: MemberOptions,
  ) {}

  /** `root`: of this machine's own files, whose member is asked where `access` names none. */
  static async open(access: Access, root: string): Promise<OpenAccess> {
    const own = await ownAccess(root);
    const urls = access.urls.length > 0 ? access.urls : own.urls;
    if (urls.length === 0)
      throw new Refusal('This machine is no member of a cluster.', ['Name one with --cluster http://ADDRESS:2379.']);
    const files = access.tls ?? own.tls;
    const tls = files === undefined ? undefined : await readTls(files);
    const credentials = access.login === undefined ? undefined : await readLogin(access.login);
    return new OpenAccess(urls, tls, { tls, credentials });
  }

  client(url: string): EtcdMember {
    const client = this.#clients.get(url) ?? new EtcdMember(url, this.options);
    this.#clients.set(url, client);
    return client;
  }

  /** All that the cluster knows of, by the first that answers, with what each says of itself. */
  async members(): Promise<readonly MemberState[]> {
    const entries = await this.asked((client) => members(client, { isLocal: true }));
    return Promise.all(
      entries.map(async (entry) => {
        const client = this.client(entry.clientUrls[0] ?? this.urls[0] ?? '');
        const isStarted = entry.name !== '';
        return { entry, client, status: isStarted ? await status(client).catch(absent) : undefined };
      }),
    );
  }

  /**
   * By the first of them that can: a learner passes no question on, one without a leader has no answer. Throws the EtcdError
   * of one that refuses, and a Refusal where none is reached.
   */
  async asked<T>(ask: (client: EtcdMember) => Promise<T>): Promise<T> {
    const errors: EtcdError[] = [];
    for (const url of this.urls) {
      try {
        return await ask(this.client(url));
      } catch (error) {
        if (!(error instanceof EtcdError)) throw error;
        if (!MAY_BE_BETTER_ELSEWHERE.has(error.kind)) throw error;
        errors.push(error);
      }
    }
    const reached = errors.find(({ kind }) => kind === 'no-leader');
    if (reached) throw reached;
    throw new Refusal(`No member of the cluster could answer: ${errors.map(({ message }) => message).join('; ')}.`, [
      'Look whether etcd runs there (systemctl status etcd), and whether its port 2379 is reached from here.',
    ]);
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }
}

/** One that does not answer is what status is asked for to find out. */
function absent(error: unknown): undefined {
  if (!(error instanceof EtcdError)) throw error;
  return undefined;
}

/** Paths as they are, whatever the root: the member that will read them is given the same. */
export async function readTls({ ca, cert, key }: TlsFiles): Promise<TlsMaterial> {
  const [caText, certText, keyText] = await Promise.all(
    [ca, cert, key].map(async (path) => {
      try {
        return await readTextAtMost(path, MAX_FILE_BYTES);
      } catch (error) {
        throw new Refusal(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
      }
    }),
  );
  return { ca: caText ?? '', cert: certText ?? '', key: keyText ?? '' };
}

async function readLogin({ user, passwordFile }: NonNullable<Access['login']>) {
  try {
    const { mode } = await stat(passwordFile);
    if ((mode & FOR_OTHERS) !== 0)
      throw new Refusal(`${passwordFile} may be read by others than its owner.`, [`$ chmod 600 ${passwordFile}`]);
    return { user, password: (await readTextAtMost(passwordFile, MAX_FILE_BYTES)).trimEnd() };
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(`${passwordFile} cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

/** This machine's own member, and those it was started with: a learner answers for itself alone. */
async function ownAccess(root: string): Promise<{ urls: readonly string[]; tls: TlsFiles | undefined }> {
  const environment = await readEnvironment(root);
  const own = environment?.get('ETCD_ADVERTISE_CLIENT_URLS');
  if (environment === undefined || own === undefined) return { urls: [], tls: undefined };
  const [ca, cert, key] = ['TRUSTED_CA', 'CERT', 'KEY'].map((what) => environment.get(`ETCD_${what}_FILE`));
  const tls = ca !== undefined && cert !== undefined && key !== undefined ? { ca, cert, key } : undefined;
  const peers = (environment.get('ETCD_INITIAL_CLUSTER') ?? '')
    .split(',')
    .flatMap((entry) => entry.split('=')[1] ?? []);
  return { urls: [...new Set([own, ...peers.map(clientUrlOfPeer)])], tls };
}
