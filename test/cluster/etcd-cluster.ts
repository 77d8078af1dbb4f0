/**
 * Real etcd members on this machine: any number of voters, and learners that join afterwards as a user's would. Their data
 * lies in memory where this machine has a file system there. Whoever starts a cluster stops it; `inCluster` does both, and
 * keeps the members' logs in build/test/etcd where something failed.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { MemberSettings } from '../../src/cluster-setup/member-settings';
import { REPOSITORY } from '../wasm/components';
import { call, memberList, Refusal } from './etcd-calls';
import { EtcdMember } from './etcd-member';
import { etcdPrograms } from './etcd-programs';
import { findLeader } from './leader';
import { loopbackPlace, type Place } from './places';

export interface ClusterOptions {
  readonly voters: number;
  readonly learners?: number;
  /** Names of the members in their order; a, b, c … unless given. */
  readonly names?: readonly string[];
  readonly place?: Place;
  /** Another etcd than build/etcd.json's. */
  readonly etcd?: string;
  /** What the other members are told as this one's peer URL: a proxy before it. */
  readonly advertise?: (name: string, address: string) => string;
  readonly change?: (settings: MemberSettings) => MemberSettings;
  /** Further variables for etcd, over those of the settings. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Over those, of learners alone. */
  readonly learnerEnvironment?: NodeJS.ProcessEnv;
}

export const CLIENT_PORT = 2379;
export const PEER_PORT = 2380;
/** A voter must have been connected to the leader for 5 s before etcd lets anybody join. */
const JOIN_LIMIT_MS = 30_000;
const TRY_AGAIN_MS = 250;
const MEMORY = '/dev/shm';
/** etcd writes 64 MB ahead for each log file, and has two or three of them. */
const BYTES_PER_MEMBER = 256 * 2 ** 20;

export class EtcdCluster {
  readonly members: EtcdMember[] = [];
  readonly #token: string;
  #wanted: ReadonlyMap<string, string>;

  private constructor(
    readonly folder: string,
    private readonly place: Place,
    private readonly options: ClusterOptions,
  ) {
    this.#token = basename(folder);
    this.#wanted = new Map(this.#entries(options.voters));
  }

  /** Has a leader, and its learners, when it is returned. */
  static async start(options: ClusterOptions): Promise<EtcdCluster> {
    const count = options.voters + (options.learners ?? 0);
    const folder = mkdtempSync(join(dataFolder(count), 'wasi-etcd-'));
    const cluster = new EtcdCluster(folder, options.place ?? loopbackPlace(), options);
    try {
      for (let n = 1; n <= options.voters; n++) cluster.#make(n, 'new').start();
      await Promise.all(cluster.members.map((member) => member.answers()));
      await cluster.leader();
      for (let i = 0; i < (options.learners ?? 0); i++) await cluster.addLearner();
      return cluster;
    } catch (error) {
      cluster.keepLogs();
      await cluster.stop();
      throw error;
    }
  }

  get urls(): readonly string[] {
    return this.members.map(({ clientUrl }) => clientUrl);
  }

  member(name: string): EtcdMember {
    const found = this.members.find((member) => member.name === name);
    if (!found) throw new Error(`no member ${name} among ${this.members.map((member) => member.name).join(', ')}`);
    return found;
  }

  /** Waits for a leader that a majority knows of. */
  leader(limitMs?: number): Promise<EtcdMember> {
    return findLeader(this.members, limitMs);
  }

  /** `name`: the next of the names. Retried, since etcd refuses while its voters have only just met. */
  async addLearner(name = this.#nameOf(this.members.length + 1)): Promise<EtcdMember> {
    const n = this.members.length + 1;
    const url = this.#peerUrl(n, name);
    const leader = await this.leader();
    await retried(() => call(leader.clientUrl, 'cluster/member/add', { peerURLs: [url], isLearner: true }));
    this.#wanted = new Map([...this.#wanted, [name, url]]);
    const member = this.#make(n, 'existing', name);
    member.start();
    await member.answers();
    return member;
  }

  /** Makes a learner a voter, once it has caught up. */
  async promote(name: string): Promise<void> {
    const leader = await this.leader();
    const entry = (await memberList(leader.clientUrl)).find((other) => other.name === name);
    if (!entry) throw new Error(`etcd knows no member ${name}`);
    await retried(() => call(leader.clientUrl, 'cluster/member/promote', { ID: entry.ID }));
  }

  /** With the etcd it was first started with, or another one. */
  async restart(name: string, etcd?: string): Promise<void> {
    const member = this.member(name);
    await member.stop();
    member.start(etcd);
    await member.answers();
  }

  keepLogs(): void {
    const kept = join(REPOSITORY, 'build', 'test', 'etcd', basename(this.folder));
    mkdirSync(kept, { recursive: true });
    for (const { logFile, name } of this.members) cpSync(logFile, join(kept, `${name}.log`), { force: true });
    console.error(`etcd's logs are in ${kept}`);
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()));
    this.place.close();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #nameOf(n: number): string {
    return this.options.names?.[n - 1] ?? String.fromCharCode('a'.charCodeAt(0) + n - 1);
  }

  #entries(count: number): [string, string][] {
    return Array.from({ length: count }, (_, i) => [this.#nameOf(i + 1), this.#peerUrl(i + 1, this.#nameOf(i + 1))]);
  }

  #peerUrl(n: number, name: string): string {
    const address = this.place.address(n);
    return this.options.advertise?.(name, address) ?? `http://${address}:${PEER_PORT}`;
  }

  #make(n: number, initialState: MemberSettings['initialState'], name = this.#nameOf(n)): EtcdMember {
    const address = this.place.address(n);
    const settings: MemberSettings = {
      name,
      isLearner: n > this.options.voters,
      dataDir: join(this.folder, name),
      listenPeerUrl: `http://${address}:${PEER_PORT}`,
      advertisePeerUrl: this.#peerUrl(n, name),
      listenClientUrls: [`http://${address}:${CLIENT_PORT}`],
      advertiseClientUrl: `http://${address}:${CLIENT_PORT}`,
      initialCluster: this.#wanted,
      initialState,
      token: this.#token,
      tls: undefined,
    };
    const where = { place: this.place, n, folder: this.folder };
    const program = this.options.etcd ?? etcdPrograms().etcd;
    const member = new EtcdMember(
      where,
      this.options.change?.(settings) ?? settings,
      program,
      settings.isLearner
        ? { ...this.options.environment, ...this.options.learnerEnvironment }
        : this.options.environment,
    );
    this.members.push(member);
    return member;
  }
}

export async function inCluster<T>(options: ClusterOptions, work: (cluster: EtcdCluster) => Promise<T>): Promise<T> {
  const cluster = await EtcdCluster.start(options);
  try {
    return await work(cluster);
  } catch (error) {
    cluster.keepLogs();
    throw error;
  } finally {
    await cluster.stop();
  }
}

function dataFolder(members: number): string {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize > members * BYTES_PER_MEMBER ? MEMORY : tmpdir();
  } catch {
    // A machine without it: its disk will do.
    return tmpdir();
  }
}

async function retried<T>(work: () => Promise<T>): Promise<T> {
  const endsAt = Date.now() + JOIN_LIMIT_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Refusal) || Date.now() > endsAt) throw error;
      await pause(TRY_AGAIN_MS);
    }
  }
}
