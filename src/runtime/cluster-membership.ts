/**
 * This node's place in its cluster, for as long as the runtime is open: none, or one that is opened anew whenever [cluster]
 * changes. The outbox is open for as long as [cluster] is enabled, whatever becomes of the rest: readings wait there. Where
 * the cluster cannot be opened (a certificate is missing) the node works on alone; that is told when the reason is another
 * one, and tried again, since it may be corrected without a change of host.toml. Certificates and passwords that are renewed
 * on disk are taken over.
 */

import { createSecureContext } from 'node:tls';
import { Cluster } from '../cluster/cluster';
import type { ClusterCounts } from '../cluster/cluster-events';
import type { ClusterState } from '../cluster/cluster-state';
import type { MemberOptions } from '../cluster/etcd/member';
import { Losses } from '../cluster/losses';
import { memberAccess } from '../cluster/member-access';
import { NodeOutbox } from '../cluster/outbox/node-outbox';
import { Retry } from '../cluster/retry';
import { errorFacts } from '../errors/wasi-error';
import type { HostConfig } from '../host-config/host-config';
import { type Clock, pause, systemClock } from '../platform/clock';
import { Mutex } from '../platform/mutex';
import { PACKAGE_VERSION } from '../platform/package-version';
import type { StorageReport } from '../platform/storage-report';
import type { Reading } from '../readings/reading';
import type { RuntimeCluster, Standing } from '../runtime-api/cluster-api';

type ClusterConfig = HostConfig['cluster'];

export interface MembershipSurroundings {
  readonly outboxFolder: string;
  /** Of the outbox. */
  readonly report: StorageReport;
  /** Of Node-RED's credentials. */
  readonly password: string | undefined;
  readonly clock?: Clock;
  log(level: 'info' | 'warn' | 'error', text: string): void;
  /** Of other nodes. */
  onReadings(readings: readonly Reading[]): void;
  /** It is another one; undefined where [cluster] is not enabled. */
  onState(state: ClusterState | undefined): void;
}

type Membership =
  | { readonly kind: 'none' }
  /** It is wanted, and opened, or opened again later. */
  | { readonly kind: 'joining' }
  | { readonly kind: 'member'; readonly cluster: Cluster };

/** Three small files; one that is being written is seen twice before it is taken. */
const LOOK_AT_FILES_MS = 30_000;

export class ClusterMembership implements RuntimeCluster {
  #config: ClusterConfig;
  #membership: Membership = { kind: 'none' };
  readonly #clock: Clock;
  readonly #losses: Losses;
  /** There is one while [cluster] is enabled. */
  #outbox: NodeOutbox | undefined;
  #joining = new AbortController();
  #joined: Promise<void> = Promise.resolve();
  /** The first attempt to join is over. */
  #settle = (): void => undefined;
  readonly #mutex = new Mutex();
  /** The newest change; it fails for those who wait for it. */
  #work: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(
    config: ClusterConfig,
    readonly around: MembershipSurroundings,
  ) {
    this.#config = config;
    this.#clock = around.clock ?? systemClock;
    this.#losses = new Losses(this.#clock, around.log);
  }

  /** Joins in the background, where a cluster is configured. */
  start(): void {
    if (this.#config.enabled) this.#change();
  }

  /** Comes back when the new one, if it is another one, stands or was refused. */
  reconfigure(config: ClusterConfig): Promise<void> {
    const isSame = JSON.stringify(config) === JSON.stringify(this.#config);
    this.#config = config;
    if (!isSame && !this.#isClosed) this.#change();
    return this.#work;
  }

  /** Of this node. */
  publish(readings: readonly Reading[]): void {
    this.#outbox?.add(readings);
    if (this.#membership.kind === 'member') this.#membership.cluster.wake();
  }

  get state(): ClusterState | undefined {
    const { enabled, nodeId: node, role } = this.#config;
    if (this.#membership.kind === 'member') return this.#membership.cluster.state;
    if (!enabled) return undefined;
    const self = { node, role, healthy: false, lastSeen: this.#clock.now(), skewMs: 0 };
    return { connected: false, leader: '', isLeader: false, members: [self] };
  }

  get counts(): ClusterCounts {
    const { dropped, missed } = this.#losses;
    return { waiting: this.#outbox?.pending ?? 0, dropped, missed };
  }

  standing(): Standing {
    if (!this.#config.enabled) return { kind: 'alone' };
    if (this.#membership.kind !== 'member') return { kind: 'follower' };
    const leading = this.#membership.cluster.leading();
    return leading.isLeader ? { kind: 'leader', token: leading.token } : { kind: 'follower' };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#joining.abort();
    await this.#work;
    await this.#leave();
    await this.#outbox?.close();
  }

  #change(): void {
    const { enabled } = this.#config;
    const before = this.#outbox;
    // At once, so that no reading is without one.
    this.#outbox = enabled ? (before ?? this.#newOutbox()) : undefined;
    const superfluous = enabled ? undefined : before;
    this.#joining.abort();
    this.#work = this.#mutex.run(() => this.#changeNow(superfluous));
  }

  async #changeNow(superfluous: NodeOutbox | undefined): Promise<void> {
    await this.#leave();
    await superfluous?.close();
    const outbox = this.#outbox;
    if (this.#config.enabled && outbox !== undefined && !this.#isClosed) await this.#join(this.#config, outbox);
    this.around.onState(this.state);
  }

  #newOutbox(): NodeOutbox {
    const outbox = new NodeOutbox({
      folder: this.around.outboxFolder,
      clock: this.#clock,
      losses: this.#losses,
      report: this.around.report,
      log: this.around.log,
      onRefused: () => this.#settle(),
    });
    outbox.start();
    return outbox;
  }

  /** Comes back after the first attempt; later ones go on until this place is left. */
  async #join(config: ClusterConfig, outbox: NodeOutbox): Promise<void> {
    this.#membership = { kind: 'joining' };
    this.#joining = new AbortController();
    const { signal } = this.#joining;
    await new Promise<void>((resolve) => {
      this.#settle = resolve;
      this.#joined = this.#joinOverAndOver(config, outbox, signal).finally(resolve);
    });
  }

  async #joinOverAndOver(config: ClusterConfig, outbox: NodeOutbox, signal: AbortSignal): Promise<void> {
    let retry = new Retry();
    while (!signal.aborted) {
      try {
        const access = await this.#open(config, outbox, signal);
        retry = new Retry();
        this.#settle();
        if (access === undefined || !(await this.#filesRenewed(config, access, signal))) return;
        this.around.log('info', 'certificates or the password of [cluster] were renewed: they are taken over');
        await this.#closeCluster();
        this.#membership = { kind: 'joining' };
      } catch (error) {
        const { code, message } = errorFacts(error, 'CLUSTER_UNAVAILABLE');
        const { waitMs, isNews } = retry.after(`${code}: ${message}`);
        if (isNews) this.around.log('error', `this node works alone until that is corrected: ${code}: ${message}`);
        this.#settle();
        await pause(this.#clock, waitMs, signal);
      }
    }
  }

  /** Returns by what its members are asked; undefined where this place was left. */
  async #open(config: ClusterConfig, outbox: NodeOutbox, signal: AbortSignal): Promise<MemberOptions | undefined> {
    const { password, log, onReadings, onState } = this.around;
    const opened = await outbox.opened(signal);
    if (opened === undefined) return undefined;
    const { options: access, warnings } = await memberAccess(config, password);
    if (signal.aborted) return undefined;
    for (const text of warnings) log('warn', text);
    const cluster = new Cluster({
      config,
      access,
      outbox: opened,
      losses: this.#losses,
      version: PACKAGE_VERSION,
      clock: this.#clock,
      log,
      onListenerError: (error) => log('error', `a listener of the cluster failed: ${String(error)}`),
    });
    this.#membership = { kind: 'member', cluster };
    cluster.subscribe((event) => (event.kind === 'readings' ? onReadings(event.readings) : onState(event.state)));
    cluster.start();
    return access;
  }

  /** Comes back when they are others than `used`, and whole; false where this place is left before. */
  async #filesRenewed(config: ClusterConfig, used: MemberOptions, signal: AbortSignal): Promise<boolean> {
    if (config.tls === undefined && config.login?.passwordFile === undefined) return false;
    let before = JSON.stringify(used);
    for (;;) {
      await pause(this.#clock, LOOK_AT_FILES_MS, signal);
      if (signal.aborted) return false;
      const now = await accessIfAny(config, this.around.password);
      const text = JSON.stringify(now);
      if (now !== undefined && text !== JSON.stringify(used) && text === before && fitTogether(now)) return true;
      before = text;
    }
  }

  async #leave(): Promise<void> {
    this.#joining.abort();
    await this.#joined;
    await this.#closeCluster();
    this.#membership = { kind: 'none' };
  }

  async #closeCluster(): Promise<void> {
    if (this.#membership.kind === 'member') await this.#membership.cluster.close();
  }
}

/** undefined where a file is just being replaced: what is in use goes on. */
async function accessIfAny(config: ClusterConfig, password: string | undefined): Promise<MemberOptions | undefined> {
  try {
    return (await memberAccess(config, password)).options;
  } catch {
    return undefined;
  }
}

/** A certificate is often there before its key. */
function fitTogether({ tls }: MemberOptions): boolean {
  try {
    if (tls !== undefined) createSecureContext({ ...tls });
    return true;
  } catch {
    return false;
  }
}
