/**
 * The registers of all units: this node's under the gateway's unit id, the other nodes' under the ids that follow in the
 * allocation's order. A node that would come to lie above 247, the highest unit id that Modbus has (Modbus over Serial
 * Line V1.02, 2.2), has none. Readings of this node are as old as their arrival, whatever their timestamp says, since a
 * guest may say anything; those of other nodes, and what was there before the gateway, go by their timestamp.
 */
import type { Clock } from '../platform/clock';
import type { Reading } from '../readings/reading';
import type { NodeBlocks } from './allocation';
import type { WordOrder } from './encoding';
import { CLUSTER_STATE, HEADER, LAYOUT_VERSION } from './register-layout';
import { UnitImage } from './unit-image';

export const MAX_UNIT_ID = 247;
const MS_PER_SECOND = 1_000;

export interface ImageSettings {
  readonly unitId: number;
  readonly wordOrder: WordOrder;
  readonly staleAfterSeconds: number;
}

/** What the header says of the cluster; undefined where the node is alone. */
export interface ClusterView {
  readonly connected: boolean;
  readonly isLeader: boolean;
  /** Name of the leading node, if there is one. */
  readonly leader: string | undefined;
  readonly members: readonly { readonly node: string; readonly healthy: boolean }[];
}

interface Unit {
  readonly unitId: number;
  /** undefined: this node. */
  readonly node: string | undefined;
  readonly image: UnitImage;
}

export class RegisterImage {
  readonly #units = new Map<number, Unit>();
  readonly #startedAt: number;
  #cluster: ClusterView | undefined;

  constructor(
    readonly settings: ImageSettings,
    readonly clock: Pick<Clock, 'now' | 'monotonic'>,
  ) {
    this.#startedAt = clock.monotonic();
  }

  /** Takes new nodes and blocks over; returns the nodes that have no unit id. */
  adopt(nodes: readonly NodeBlocks[]): readonly string[] {
    const without: string[] = [];
    nodes.forEach(({ node, blocks }, index) => {
      const unitId = this.settings.unitId + index;
      if (unitId > MAX_UNIT_ID) without.push(node ?? '');
      else this.#unit(unitId, node).image.adopt(blocks);
    });
    this.tick();
    return without;
  }

  /** Readings that have just come in. */
  update(readings: readonly Reading[], ownNode: string): void {
    const now = this.clock.monotonic();
    for (const reading of readings) {
      const isOwn = reading.node === ownNode;
      this.#imageOf(reading, ownNode)?.update(reading, now - (isOwn ? 0 : this.#ageOf(reading)), now);
    }
    this.#writeAllFreshness(now);
  }

  /** Readings whose values are not known any more. */
  expire(readings: readonly Reading[], ownNode: string): void {
    for (const reading of readings) this.#imageOf(reading, ownNode)?.expire(reading);
    this.#writeAllFreshness(this.clock.monotonic());
  }

  /** Readings that may have been there for long: for blocks that are new. What has come in since is better known. */
  recall(readings: readonly Reading[], ownNode: string): void {
    const now = this.clock.monotonic();
    for (const reading of readings) this.#imageOf(reading, ownNode)?.recall(reading, now - this.#ageOf(reading), now);
    this.#writeAllFreshness(now);
  }

  /** Once a second: ages, and a heartbeat that stands still only where the gateway does. */
  tick(): void {
    const now = this.clock.monotonic();
    for (const unit of this.#units.values()) {
      unit.image.tick(now);
      this.#writeFreshness(unit, now);
    }
  }

  setCluster(view: ClusterView | undefined): void {
    this.#cluster = view;
    this.tick();
  }

  unitIdOf(node: string | undefined): number | undefined {
    return this.#of(node)?.unitId;
  }

  image(unitId: number): UnitImage | undefined {
    return this.#units.get(unitId)?.image;
  }

  #unit(unitId: number, node: string | undefined): Unit {
    const known = this.#units.get(unitId);
    if (known !== undefined) return known;
    const { wordOrder, staleAfterSeconds } = this.settings;
    const unit = { unitId, node, image: new UnitImage(wordOrder, staleAfterSeconds * MS_PER_SECOND) };
    this.#units.set(unitId, unit);
    return unit;
  }

  #of(node: string | undefined): Unit | undefined {
    for (const unit of this.#units.values()) if (unit.node === node) return unit;
    return undefined;
  }

  #imageOf({ node }: Reading, ownNode: string): UnitImage | undefined {
    return this.#of(node === ownNode ? undefined : node)?.image;
  }

  /** By its timestamp, ms. */
  #ageOf({ timestamp }: Reading): number {
    return Math.max(0, this.clock.now() - timestamp);
  }

  #writeAllFreshness(now: number): void {
    for (const unit of this.#units.values()) this.#writeFreshness(unit, now);
  }

  #writeFreshness({ image }: Unit, now: number): void {
    const { status, ageSeconds, good, blocks } = image.freshness(now);
    const upSeconds = Math.floor((now - this.#startedAt) / MS_PER_SECOND);
    image.writeHeader(HEADER.layoutVersion, LAYOUT_VERSION);
    image.writeHeader(HEADER.heartbeat, upSeconds & 0xffff);
    image.writeHeader32(HEADER.upSeconds, upSeconds);
    image.writeHeader(HEADER.nodeStatus, status);
    image.writeHeader(HEADER.nodeAge, ageSeconds);
    image.writeHeader(HEADER.blocks, blocks);
    image.writeHeader(HEADER.goodBlocks, good);
    image.writeHeader(HEADER.units, this.#units.size);
    image.writeHeader(HEADER.gatewayUnit, this.settings.unitId);
    this.#writeCluster(image);
  }

  #writeCluster(image: UnitImage): void {
    const view = this.#cluster;
    image.writeHeader(HEADER.clusterState, clusterState(view));
    image.writeHeader(HEADER.leaderUnit, this.#leaderUnit(view) ?? 0);
    image.writeHeader(HEADER.members, view?.members.length ?? 0);
    image.writeHeader(HEADER.healthyMembers, view?.members.filter(({ healthy }) => healthy).length ?? 0);
  }

  #leaderUnit(view: ClusterView | undefined): number | undefined {
    if (view === undefined || view.leader === undefined) return undefined;
    return view.isLeader ? this.settings.unitId : this.unitIdOf(view.leader);
  }
}

function clusterState(view: ClusterView | undefined): number {
  if (view === undefined) return CLUSTER_STATE.alone;
  if (!view.connected) return CLUSTER_STATE.disconnected;
  return view.isLeader ? CLUSTER_STATE.leader : CLUSTER_STATE.follower;
}
