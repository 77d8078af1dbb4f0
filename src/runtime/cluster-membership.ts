/**
 * This node's place in its cluster, for as long as the runtime is open: none, or one that is opened anew whenever [cluster]
 * changes. Readings that come while it opens are kept for it. Where it cannot be opened (a certificate is missing), that is
 * said once, and the node works on alone until host.toml says otherwise.
 */
import { Cluster } from '../cluster/cluster';
import type { ClusterCounts } from '../cluster/cluster-events';
import type { ClusterState } from '../cluster/cluster-state';
import { claimOutbox } from '../cluster/outbox/claim';
import { errorFacts, WasiError } from '../errors';
import type { HostConfig } from '../host-config/host-config';
import { PACKAGE_VERSION } from '../package-version';
import type { StorageReport } from '../platform/storage-report';
import type { Reading } from '../readings/reading';
import type { RuntimeCluster, Standing } from '../runtime-cluster';

type ClusterConfig = HostConfig['cluster'];

export interface MembershipSurroundings {
  readonly outboxFolder: string;
  /** Of the outbox. */
  readonly report: StorageReport;
  /** Of Node-RED's credentials. */
  readonly password: string | undefined;
  log(level: 'info' | 'warn' | 'error', text: string): void;
  /** Of other nodes. */
  onReadings(readings: readonly Reading[]): void;
  /** It is another one; undefined where [cluster] is not enabled. */
  onState(state: ClusterState | undefined): void;
}

type Membership =
  | { readonly kind: 'none' }
  | { readonly kind: 'changing'; readonly held: Reading[] }
  /** It is wanted, and could not be opened. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'member'; readonly cluster: Cluster; letGo(): void };

/** What polls may yield while certificates and outbox are read. */
const MAX_HELD = 10_000;
/** As long as a runtime that was replaced may take to close. */
const CLAIM_LIMIT_MS = 15_000;
const NO_COUNTS: ClusterCounts = Object.freeze({ waiting: 0, dropped: 0, missed: 0 });

export class ClusterMembership implements RuntimeCluster {
  #config: ClusterConfig;
  #membership: Membership = { kind: 'none' };
  #work: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(
    config: ClusterConfig,
    readonly around: MembershipSurroundings,
  ) {
    this.#config = config;
    if (config.enabled) this.#change();
  }

  /** Comes back when the new one, if it is another one, stands. */
  reconfigure(config: ClusterConfig): Promise<void> {
    const isSame = JSON.stringify(config) === JSON.stringify(this.#config);
    this.#config = config;
    if (!isSame && !this.#isClosed) this.#change();
    return this.#work;
  }

  /** Of this node. */
  publish(readings: readonly Reading[]): void {
    const membership = this.#membership;
    if (membership.kind === 'member') membership.cluster.publish(readings);
    if (membership.kind === 'changing' && this.#config.enabled) this.#hold(membership.held, readings);
  }

  get state(): ClusterState | undefined {
    const { enabled, nodeId: node, role } = this.#config;
    if (this.#membership.kind === 'member') return this.#membership.cluster.state;
    if (!enabled) return undefined;
    const self = { node, role, healthy: false, lastSeen: Date.now(), skewMs: 0 };
    return { connected: false, leader: '', isLeader: false, members: [self] };
  }

  get counts(): ClusterCounts {
    return this.#membership.kind === 'member' ? this.#membership.cluster.counts : NO_COUNTS;
  }

  standing(): Standing {
    if (!this.#config.enabled) return { kind: 'alone' };
    if (this.#membership.kind !== 'member') return { kind: 'follower' };
    const leading = this.#membership.cluster.leading();
    return leading.isLeader ? { kind: 'leader', token: leading.token } : { kind: 'follower' };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#work;
    await this.#leave();
  }

  #change(): void {
    this.#work = this.#work.then(() => this.#changeNow());
  }

  async #changeNow(): Promise<void> {
    const held: Reading[] = [];
    const left = this.#leave();
    this.#membership = { kind: 'changing', held };
    await left;
    // What is held at the end goes into the outbox, too.
    const isWanted = this.#config.enabled && (!this.#isClosed || held.length > 0);
    this.#membership = isWanted ? await this.#join(this.#config, held) : { kind: 'none' };
    this.around.onState(this.state);
  }

  async #join(config: ClusterConfig, held: readonly Reading[]): Promise<Membership> {
    const { outboxFolder, report, password, log, onReadings, onState } = this.around;
    const letGo = await claimOutbox(outboxFolder, CLAIM_LIMIT_MS);
    try {
      if (letGo === undefined) throw secondRuntime();
      const cluster = await Cluster.open({
        config,
        password,
        outboxFolder,
        report,
        version: PACKAGE_VERSION,
        log,
        onListenerError: (error) => log('error', `a listener of the cluster failed: ${String(error)}`),
      });
      cluster.publish(held);
      cluster.subscribe((event) => (event.kind === 'readings' ? onReadings(event.readings) : onState(event.state)));
      return { kind: 'member', cluster, letGo };
    } catch (error) {
      letGo?.();
      const { code, message } = errorFacts(error, 'CLUSTER_UNAVAILABLE');
      log('error', `this node works alone until that is corrected: ${code}: ${message}`);
      return { kind: 'refused' };
    }
  }

  async #leave(): Promise<void> {
    const membership = this.#membership;
    this.#membership = { kind: 'none' };
    if (membership.kind !== 'member') return;
    try {
      await membership.cluster.close();
    } finally {
      this.around.report.settled();
      membership.letGo();
    }
  }

  #hold(held: Reading[], readings: readonly Reading[]): void {
    const room = MAX_HELD - held.length;
    if (room === 0) return;
    held.push(...readings.slice(0, room));
    if (held.length === MAX_HELD)
      this.around.log('warn', `the cluster takes long to open: more than ${MAX_HELD} readings do not reach it`);
  }
}

function secondRuntime(): WasiError {
  return new WasiError(
    'CONFIG_INVALID',
    'another wasi-runtime of this Node-RED takes part in the cluster already: let all nodes use one of them, and remove ' +
      'the other, or set [cluster] enabled = false in it',
  );
}
