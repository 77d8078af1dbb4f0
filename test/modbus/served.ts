/** A gateway over a map in a folder of its own, with everything it says kept. */
import { EventEmitter } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AllocationFile } from '../../src/modbus/allocation-file';
import { Gateway, type GatewaySettings, type GatewayState, type WriteMessage } from '../../src/modbus/gateway';
import type { Reading } from '../../src/readings/reading';
import { readingOf } from '../readings/reading-of';
import { until } from '../support/until';

export const OWN = 'pi4';
const TCP: GatewaySettings['transport'] = { kind: 'tcp', host: '127.0.0.1', port: 0 };

export class Served {
  readonly #events = new EventEmitter();
  readonly states: GatewayState[] = [];
  readonly writes: WriteMessage[] = [];
  readonly warnings: string[] = [];
  latest: readonly Reading[] = [readingOf({ timestamp: Date.now() })];
  /** Of `latest`: those of sensors that could not be read since. */
  unknown: readonly Reading[] = [];
  mayWrite = true;
  #gateway: Gateway | undefined;
  #allocation: AllocationFile | undefined;

  private constructor(readonly dir: string) {}

  static async open(settings: Partial<GatewaySettings> = {}): Promise<Served> {
    const served = new Served(await mkdtemp(join(tmpdir(), 'wasi-modbus-')));
    await served.open(settings);
    return served;
  }

  /** A further gateway of this Node-RED, over the same map. */
  async beside(settings: Partial<GatewaySettings> = {}): Promise<Served> {
    const other = new Served(this.dir);
    other.latest = this.latest;
    await other.open(settings, this.#allocation);
    return other;
  }

  /** Over the same map, as after a restart. */
  async open(settings: Partial<GatewaySettings> = {}, shared?: AllocationFile): Promise<void> {
    const warn = (text: string) => this.warnings.push(text);
    const allocation =
      shared ?? (await AllocationFile.open(join(this.dir, 'registers.json'), (_level, text) => warn(text)));
    this.#allocation = allocation;
    this.#gateway = new Gateway(
      { transport: TCP, unitId: 1, wordOrder: 'ABCD', staleAfterSeconds: 60, writable: [], ...settings },
      {
        allocation,
        clock: { monotonic: () => performance.now(), now: () => Date.now() },
        retryAfterMs: 50,
        ownNode: () => OWN,
        latestReadings: () => this.latest,
        isKnown: (reading) => !this.unknown.includes(reading),
        onState: (state) => {
          this.states.push(state);
          this.#events.emit('change');
        },
        mayWrite: () => this.mayWrite,
        onWrite: (message) => this.writes.push(message),
        onWarning: warn,
      },
    );
    await this.#gateway.open();
  }

  get gateway(): Gateway {
    if (this.#gateway === undefined) throw new Error('the gateway was not opened');
    return this.#gateway;
  }

  get line(): { readonly port: number } {
    const { port } = this.gateway;
    if (port === undefined) throw new Error('the gateway does not listen');
    return { port };
  }

  untilState(holds: (state: GatewayState) => boolean): Promise<GatewayState> {
    return until(
      () => {
        const state = this.states.at(-1);
        return state !== undefined && holds(state) && state;
      },
      () => `${holds}; its states are ${JSON.stringify(this.states)}`,
    );
  }

  async close(): Promise<void> {
    await this.gateway.close();
    await rm(this.dir, { recursive: true, force: true });
  }
}
