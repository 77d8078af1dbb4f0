/**
 * One Modbus gateway: the register image, kept current, behind one server. It opens in this order: map, image, server;
 * and closes in reverse. A server that cannot open, or is lost, is tried again after a while: a port that was in use
 * becomes free, an adapter is plugged in again. A new block is served once its place is on disk, so that no client ever
 * saw an address that a crash could give to another sensor. `close` may be called twice.
 */

import { errorFacts, WasiError } from '../errors/wasi-error';
import type { Clock } from '../platform/clock';
import type { Reading } from '../readings/reading';
import type { NodeBlocks } from './allocation';
import type { AllocationFile } from './allocation-file';
import { type OpenServer, openServer, type Transport } from './open-server';
import { type ClusterView, type ImageSettings, RegisterImage } from './register-image';
import { type MapEntry, registerMap } from './register-map';
import { RequestCounts } from './request-counts';
import { Units } from './units';
import { type WritablePoint, WritablePoints, type Written } from './writable-points';

export interface GatewaySettings extends ImageSettings {
  readonly transport: Transport;
  readonly writable: readonly WritablePoint[];
}

export type GatewayState =
  | { readonly kind: 'opening' }
  /** `clients`: connections, or masters that asked within the last ten seconds. */
  | { readonly kind: 'serving'; readonly clients: number }
  | { readonly kind: 'failed'; readonly error: WasiError }
  | { readonly kind: 'closed' };

/** A client's write, as it leaves the node. */
export interface WriteMessage extends Written {
  readonly unitId: number;
}

export interface GatewaySurroundings {
  readonly allocation: AllocationFile;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  /** Until a server that could not open, or was lost, is tried again. */
  readonly retryAfterMs: number;
  /** This node's name in readings. */
  ownNode(): string;
  latestReadings(): readonly Reading[];
  /** Whether the newest reading of a sensor still holds: it does not once a poll could not read the sensor. */
  isKnown(reading: Reading): boolean;
  onState(state: GatewayState): void;
  /** Whether this node carries out what clients write: of a cluster, one does. */
  mayWrite(): boolean;
  onWrite(message: WriteMessage): void;
  onWarning(text: string): void;
}

const TICK_MS = 1_000;
/** In a warning. */
const MAX_NAMED = 5;

export class Gateway {
  readonly #image: RegisterImage;
  readonly #points: WritablePoints;
  readonly #units: Units;
  /** Since this was made; a server that is opened again counts on. */
  readonly counts = new RequestCounts();
  readonly #release: () => void;
  #state: GatewayState = { kind: 'opening' };
  #server: OpenServer | undefined;
  #opening: Promise<void> = Promise.resolve();
  #tick: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;
  readonly #warned = new Set<string>();
  readonly #ignoreSaved: () => void;

  /** Throws CONFIG_INVALID where writable points cannot be as they are wished. */
  constructor(
    readonly settings: GatewaySettings,
    readonly around: GatewaySurroundings,
  ) {
    const { clock } = around;
    this.#points = new WritablePoints(settings.writable, {
      onWrite: (written) => around.onWrite({ ...written, unitId: settings.unitId }),
      now: () => clock.monotonic(),
      mayWrite: () => around.mayWrite(),
    });
    this.#points.assertApart(around.allocation.nodes());
    this.#release = around.allocation.reserve(this.#points.registers);
    this.#image = new RegisterImage(settings, clock);
    this.#units = new Units(this.#image, this.#points);
    // Another gateway may have heard of a new sensor first, and a write that failed may be made up for later.
    this.#ignoreSaved = around.allocation.onSaved((saved) => this.#adopt(saved));
  }

  get state(): GatewayState {
    return this.#state;
  }

  /** Where it listens; undefined for a serial line, and while it does not. */
  get port(): number | undefined {
    return this.#server?.port;
  }

  /** Connections, or masters that asked within the last ten seconds. */
  get clients(): number {
    return this.#server?.clients() ?? 0;
  }

  /** Comes back when it serves or has failed; what it failed with is its state. */
  open(): Promise<void> {
    this.#opening = this.#open();
    return this.#opening;
  }

  /** Readings that have just come in. */
  update(readings: readonly Reading[]): void {
    const { allocation, onWarning } = this.around;
    const own = this.around.ownNode();
    const { added, refused } = allocation.place(readings, own);
    this.#image.update(readings, own);
    if (added) void allocation.save();
    if (refused.length > 0 && this.#isNews('full')) {
      onWarning(
        `the Modbus register map is full for ${refused.slice(0, MAX_NAMED).join(', ')}: ${refused.length} values are not ` +
          'served (docs/modbus.md, Limits)',
      );
    }
  }

  /** Readings whose values are not known any more. */
  expire(readings: readonly Reading[]): void {
    this.#image.expire(readings, this.around.ownNode());
  }

  setCluster(view: ClusterView | undefined): void {
    this.#image.setCluster(view);
  }

  map(): readonly MapEntry[] {
    return registerMap(this.around.allocation.saved, this.#image, this.around.ownNode());
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #open(): Promise<void> {
    const { allocation, latestReadings, ownNode } = this.around;
    const { added } = allocation.place(latestReadings(), ownNode());
    if (added) await allocation.save();
    this.#adopt(allocation.saved);
    if (this.#closing !== undefined) return;
    this.#tick = setInterval(() => this.#onTick(), TICK_MS);
    await this.#serve();
  }

  async #close(): Promise<void> {
    clearInterval(this.#tick);
    clearTimeout(this.#retry);
    await this.#opening;
    // Opening may have gone on meanwhile.
    clearInterval(this.#tick);
    clearTimeout(this.#retry);
    await this.#server?.close();
    this.#server = undefined;
    this.#ignoreSaved();
    this.#release();
    this.#enter({ kind: 'closed' });
  }

  #adopt(kept: readonly NodeBlocks[]): void {
    const { onWarning, ownNode, latestReadings, isKnown } = this.around;
    const without = this.#image.adopt(kept);
    const latest = latestReadings();
    this.#image.recall(latest, ownNode());
    // Its sensor may have failed before there was a block to say so.
    this.expire(latest.filter((reading) => !isKnown(reading)));
    if (without.length > 0 && this.#isNews('units')) {
      onWarning(`no Modbus unit id is left for ${without.join(', ')}: give this node a smaller one (ids end at 247)`);
    }
  }

  #isNews(what: string): boolean {
    if (this.#warned.has(what)) return false;
    this.#warned.add(what);
    return true;
  }

  async #serve(): Promise<void> {
    try {
      const server = await openServer(this.settings.transport, {
        units: this.#units,
        counts: this.counts,
        now: () => this.around.clock.monotonic(),
        onLost: (error) => this.#lose(error),
      });
      if (this.#closing !== undefined) return await server.close();
      this.#server = server;
      this.#enter({ kind: 'serving', clients: 0 });
    } catch (error) {
      this.#fail(error instanceof WasiError ? error : WasiError.fromFacts(errorFacts(error, 'MODBUS_FAILED')));
    }
  }

  #fail(error: WasiError): void {
    this.#server = undefined;
    if (this.#closing !== undefined) return;
    this.#enter({ kind: 'failed', error });
    this.#retry = setTimeout(() => {
      this.#opening = this.#serve();
    }, this.around.retryAfterMs);
  }

  #lose(error: WasiError): void {
    this.#opening = this.#server?.close() ?? Promise.resolve();
    this.#fail(error);
  }

  #onTick(): void {
    this.#image.tick();
    this.#countClients();
  }

  /** Once a second: a status for each connection of a client that connects for each request would be too many. */
  #countClients(): void {
    const { clients } = this;
    if (this.#state.kind === 'serving' && this.#state.clients !== clients) this.#enter({ kind: 'serving', clients });
  }

  #enter(state: GatewayState): void {
    this.#state = state;
    this.around.onState(state);
  }
}
