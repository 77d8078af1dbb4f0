/**
 * A gateway for as long as its node lives: opened when the runtime is, given the runtime's readings, closed before the
 * node is gone. What happens to its server is shown in the node's status; a failure is logged once, not at each retry.
 */

import type { Node } from 'node-red';
import { WasiError } from '../../src/errors/wasi-error';
import { Gateway, type GatewaySettings, type GatewayState } from '../../src/modbus/gateway';
import type { MapEntry } from '../../src/modbus/register-map';
import { systemClock } from '../../src/platform/clock';
import type { GatewayTotals } from '../../src/runtime-api/counters';
import type { ClusterState, RuntimeApi, Standing } from '../../src/runtime-api/runtime-api';
import { asError } from '../node-red-errors';
import type { RuntimeUser } from '../runtime-user';
import type { SharedRuntime } from '../shared-runtime';
import type { Shown } from '../status';
import type { RegisterMapLease, SharedRegisterMap } from './shared-register-map';

const RETRY_AFTER_MS = 10_000;

export class GatewayLife {
  #gateway: Gateway | undefined;
  #opening: Promise<void> | undefined;
  #logged: string | undefined;
  #uncount: () => void = () => undefined;
  #stopReporting: () => void = () => undefined;
  #lease: RegisterMapLease | undefined;
  #retry: NodeJS.Timeout | undefined;
  /** With which the register map could not be opened. */
  #failure: WasiError | undefined;

  constructor(
    readonly node: Node,
    readonly user: RuntimeUser,
    readonly settings: GatewaySettings,
    runtime: SharedRuntime,
    readonly registerMap: SharedRegisterMap,
  ) {
    const start = () => {
      if (runtime.phase.kind === 'open' && this.#gateway === undefined) this.#start(runtime.phase.api);
    };
    const deregister = runtime.register({
      phaseChanged: start,
      runtimeEvent: (event) => {
        if (event.kind === 'readings') this.#gateway?.update(event.readings);
        if (event.kind === 'unknown') this.#gateway?.expire(event.readings);
        if (event.kind === 'cluster') this.#showCluster(event.state);
      },
    });
    node.on('close', (done: () => void) => {
      deregister();
      void this.#close().finally(done);
    });
    user.present({ kind: 'loading' });
    start();
  }

  get shown(): Shown {
    if (this.#gateway !== undefined) return shownOf(this.#gateway.state);
    return this.#failure === undefined ? { kind: 'loading' } : { kind: 'failed', code: this.#failure.code };
  }

  /** Throws what the server failed with. */
  async map(): Promise<readonly MapEntry[]> {
    await this.#opening;
    const gateway = this.#gateway;
    if (gateway === undefined && this.#failure !== undefined) throw this.#failure;
    if (gateway === undefined || gateway.state.kind === 'closed') {
      throw new WasiError('RUNTIME_CLOSED', 'the Modbus gateway was closed meanwhile; send the message again');
    }
    if (gateway.state.kind === 'failed') throw gateway.state.error;
    return gateway.map();
  }

  /** What is known now, whether or not it is served; nothing before the runtime is open. */
  knownMap(): readonly MapEntry[] {
    return this.#gateway?.map() ?? [];
  }

  #start(api: RuntimeApi): void {
    clearTimeout(this.#retry);
    this.#opening ??= this.#open(api).finally(() => {
      if (this.#gateway === undefined) this.#opening = undefined;
    });
  }

  async #open(api: RuntimeApi): Promise<void> {
    try {
      this.#lease ??= await this.registerMap.take();
    } catch (error) {
      this.#fail(asError(error));
      // Its rights, or its card, may be corrected meanwhile.
      if (!this.user.isClosed) this.#retry = setTimeout(() => this.#start(api), RETRY_AFTER_MS);
      return;
    }
    if (this.user.isClosed) return;
    try {
      const { allocation } = this.#lease;
      const gateway = new Gateway(this.settings, {
        allocation,
        clock: systemClock,
        retryAfterMs: RETRY_AFTER_MS,
        ownNode: () => api.config.cluster.nodeId,
        latestReadings: () => api.latestReadings(),
        isKnown: (reading) => api.unknownSince(reading) === undefined,
        onState: (state) => this.#onState(state),
        mayWrite: () => api.cluster.standing().kind !== 'follower',
        onWrite: (message) => this.node.send({ ...message, ...fencingOf(api.cluster.standing()) }),
        onWarning: (text) => this.node.warn(text),
      });
      this.#gateway = gateway;
      this.#failure = undefined;
      this.#uncount = api.addGateway(() => totalsOf(gateway));
      this.#stopReporting = allocation.reportTo(api.storage.report('registers'));
      this.#showCluster(api.cluster.state);
      await gateway.open();
    } catch (error) {
      this.user.refuse(asError(error));
    }
  }

  #showCluster(state: ClusterState | undefined): void {
    this.#gateway?.setCluster(state && { ...state, leader: state.leader === '' ? undefined : state.leader });
  }

  async #close(): Promise<void> {
    clearTimeout(this.#retry);
    await this.#opening;
    clearTimeout(this.#retry);
    this.#uncount();
    await this.#gateway?.close();
    this.#stopReporting();
    await this.#lease?.release();
  }

  #onState(state: GatewayState): void {
    this.user.present(shownOf(state));
    if (state.kind === 'serving') this.#logged = undefined;
    if (state.kind === 'failed') this.#log(state.error);
  }

  /** There is no gateway yet. */
  #fail(error: WasiError): void {
    this.#failure = error;
    this.user.present({ kind: 'failed', code: error.code });
    this.#log(error);
  }

  #log({ message }: WasiError): void {
    if (message === this.#logged) return;
    this.#logged = message;
    this.node.error(message);
  }
}

/** In a cluster a device may tell an order of a former leader, which comes late, by its smaller token. */
function fencingOf(standing: Standing): { readonly token?: number } {
  return standing.kind === 'leader' ? { token: standing.token } : {};
}

function totalsOf({ settings, state, counts, clients }: Gateway): GatewayTotals {
  return {
    ...addressOf(settings),
    isServing: state.kind === 'serving',
    clients,
    requests: counts.requests,
    exceptionsByCode: Object.fromEntries(counts.exceptions),
  };
}

function addressOf({ transport }: GatewaySettings): Pick<GatewayTotals, 'transport' | 'address'> {
  if (transport.kind === 'rtu') return { transport: 'rtu', address: transport.path || 'auto' };
  const host = transport.host.includes(':') ? `[${transport.host}]` : transport.host;
  return { transport: 'tcp', address: `${host}:${transport.port}` };
}

function shownOf(state: GatewayState): Shown {
  switch (state.kind) {
    case 'opening':
      return { kind: 'loading' };
    case 'serving':
      return state.clients === 0 ? { kind: 'ready' } : { kind: 'clients', count: state.clients };
    case 'failed':
      return { kind: 'failed', code: state.error.code };
    case 'closed':
      return { kind: 'failed', code: 'RUNTIME_CLOSED' };
  }
}
