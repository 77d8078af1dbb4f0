/**
 * What every node that uses a runtime has in common: it finds the runtime it refers to, listens to it, keeps its own
 * status true, and carries each input through to exactly one `done`. A result that comes in after the node was closed
 * is dropped: it is neither sent nor shown, and its message ends with RUNTIME_CLOSED.
 *
 * A node that refers to no runtime, or whose properties are wrong, says so in its status and ends each input so.
 */
import type { Node, NodeAPI, NodeMessage, NodeStatus } from 'node-red';
import { type ErrorCode, WasiError } from '../src/errors/wasi-error';
import { normalisePluginName } from '../src/host-config/host-config';
import { LoopBreaks, piecesOf } from '../src/readings/loop-breaks';
import type { Message } from '../src/readings/messages';
import type { PluginSummary, RuntimeApi, RuntimeEvent } from '../src/runtime-api/runtime-api';
import { asError } from './node-red-errors';
import { type RuntimePhase, runtimeOf, type SharedRuntime } from './shared-runtime';
import { type Busy, concerns, type Shown, shownOf, statusOf } from './status';

export interface Outcome {
  /** Made while they are sent, where they are many. */
  readonly messages: Iterable<Message>;
  readonly shown: Shown;
}

export type Work = (api: RuntimeApi, message: Message) => Promise<Outcome>;
type Send = (messages: NodeMessage[][]) => void;
type Done = (error?: Error) => void;

/** Node-RED copies each, and may hand it to the next node at once. */
const MESSAGES_AT_ONCE = 16;
/** Beyond, the flow takes messages more slowly than inputs come. */
const MAX_SENDINGS = 2;

export class RuntimeUser {
  readonly #runtime: SharedRuntime | undefined;
  #refusal: WasiError | undefined;
  #plugin: PluginSummary | undefined;
  #running = 0;
  #last: Shown | undefined;
  /** With which the runtime could not be opened before it was. */
  #openFailure: ErrorCode | undefined;
  #status: NodeStatus = {};
  #sending: Promise<void> = Promise.resolve();
  readonly #breaks = new LoopBreaks();
  #beginning: Promise<void> = Promise.resolve();
  /** Inputs whose messages are not all sent yet. */
  #sendings = 0;
  #closed = false;

  /** `plugin` is the one plugin the node is about, if it is about one. */
  constructor(
    readonly RED: NodeAPI,
    readonly node: Node,
    runtimeId: unknown,
    readonly plugin: string | undefined,
    /** What it shows while an input is under way; undefined: nothing else than before. */
    readonly busy: Busy | undefined,
  ) {
    this.#runtime = runtimeOf(typeof runtimeId === 'string' ? RED.nodes.getNode(runtimeId) : undefined);
    const release = this.#runtime?.use({
      phaseChanged: () => this.#phaseChanged(),
      runtimeEvent: (event) => this.#runtimeEvent(event),
    });
    node.on('close', () => {
      this.#closed = true;
      release?.();
    });
    if (this.#runtime === undefined) this.refuse(noRuntime(node.type));
    else this.#lookAtPlugin();
  }

  get runtime(): SharedRuntime | undefined {
    return this.#runtime;
  }

  /** Whether an input is under way, or its messages are. */
  get isBusy(): boolean {
    return this.#running > 0 || this.#sendings > 0;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** From now on nothing works: logged once, shown, and every input ends with it. The first reason is kept. */
  refuse(error: WasiError): void {
    if (this.#refusal !== undefined) return;
    this.#refusal = error;
    this.node.error(error.message);
    this.#show();
  }

  /** What a node that works without inputs has to show. */
  present(shown: Shown): void {
    this.#last = shown;
    this.#show();
  }

  onInput(work: Work): void {
    this.node.on('input', (message, send, done) => void this.#carry(work, message, send, done));
  }

  async #carry(work: Work, message: Message, send: Send, done: Done): Promise<void> {
    this.#running += 1;
    let outcome: Outcome;
    try {
      if (this.#sendings >= MAX_SENDINGS) throw slowFlow(this.node.type);
      await this.#begin();
      outcome = await this.#work(work, message);
      this.#assertOpen();
    } catch (error) {
      const failure = asError(error);
      // Node-RED logs it, and may hand it to a catch node: of a thousand that are refused, that takes long.
      await this.#breaks.pause();
      this.#settle({ kind: 'failed', code: failure.code });
      done(failure);
      return;
    }
    this.#settle(outcome.shown);
    try {
      await this.#sendInTurn(outcome.messages, send);
    } catch (error) {
      done(asError(error));
      return;
    }
    done();
  }

  /** One input after the other: a thousand at once do not hold Node-RED's loop until the last one is refused. */
  #begin(): Promise<void> {
    this.#beginning = this.#beginning.then(() => this.#breaks.pause());
    return this.#beginning;
  }

  /** Those of one input behind all of the input that was through before it, as Node-RED's loop goes round meanwhile. */
  #sendInTurn(messages: Iterable<Message>, send: Send): Promise<void> {
    this.#sendings += 1;
    const mine = this.#sending
      .then(() => this.#sendAll(messages, send))
      .finally(() => {
        this.#sendings -= 1;
      });
    // One that failed has told its own input.
    this.#sending = mine.catch(() => undefined);
    return mine;
  }

  async #sendAll(messages: Iterable<Message>, send: Send): Promise<void> {
    const breaks = new LoopBreaks();
    let isFirst = true;
    for (const [message, ...others] of piecesOf(messages, MESSAGES_AT_ONCE, () => 1)) {
      this.#assertOpen();
      if (message === undefined) continue;
      // Node-RED hands on the first message of each sending as it is, and they all share what came in.
      send([[isFirst ? message : this.RED.util.cloneMessage(message), ...others]]);
      isFirst = false;
      await breaks.pause();
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw new WasiError('RUNTIME_CLOSED', `the ${this.node.type} node was closed meanwhile`);
  }

  async #work(work: Work, message: Message): Promise<Outcome> {
    if (this.#refusal !== undefined || this.#runtime === undefined) throw this.#refusal ?? noRuntime(this.node.type);
    const api = await this.#runtime.whenOpen();
    this.#show();
    return work(api, message);
  }

  #settle(shown: Shown): void {
    this.#running -= 1;
    this.#last = shown;
    this.#show();
  }

  /** An input that failed because the runtime could not open says nothing any more once it is open. */
  #phaseChanged(): void {
    const phase = this.#phase();
    if (phase.kind === 'failed') this.#openFailure = phase.error.code;
    if (phase.kind === 'open' && this.#last?.kind === 'failed' && this.#last.code === this.#openFailure)
      this.#last = undefined;
    this.#lookAtPlugin();
  }

  /** Whether there still is one, too. */
  #lookAtPlugin(): void {
    const phase = this.#phase();
    if (phase.kind === 'open' && this.plugin !== undefined) {
      this.#plugin = phase.api.plugin(normalisePluginName(this.plugin));
    }
    this.#show();
  }

  #runtimeEvent(event: RuntimeEvent): void {
    if (event.kind === 'configured') this.#lookAtPlugin();
    if (event.kind === 'storage') this.#show();
    if (event.kind === 'removed') this.#pluginRemoved(event.plugin);
    if (event.kind !== 'plugin' || this.plugin === undefined) return;
    if (event.summary.name !== normalisePluginName(this.plugin)) return;
    this.#plugin = event.summary;
    this.#show();
  }

  /** What it read last says nothing of a plugin that is gone. */
  #pluginRemoved(name: string): void {
    if (this.plugin === undefined || name !== normalisePluginName(this.plugin)) return;
    this.#plugin = undefined;
    this.#last = { kind: 'failed', code: 'PLUGIN_NOT_FOUND' };
    this.#show();
  }

  #phase(): RuntimePhase {
    if (this.#refusal !== undefined) return { kind: 'failed', error: this.#refusal };
    return this.#runtime?.phase ?? { kind: 'closed' };
  }

  #show(): void {
    if (this.#closed) return;
    const runtime = this.#phase();
    const busy = this.#running > 0 ? this.busy : undefined;
    const about = this.plugin === undefined ? undefined : normalisePluginName(this.plugin);
    const notKept = runtime.kind === 'open' ? runtime.api.storage.view().notKept : [];
    const isNotKept = notKept.some((entry) => concerns(entry, this.node.type, about));
    const shown = shownOf({ runtime, plugin: this.#plugin, busy, last: this.#last, isNotKept });
    const simulated = runtime.kind === 'open' && runtime.api.hardware.kind === 'simulated';
    const status = statusOf(shown, simulated, (key, words) => this.RED._(key, words));
    const { fill, shape, text } = this.#status;
    if (status.fill === fill && status.shape === shape && status.text === text) return;
    this.#status = status;
    this.node.status(status);
  }
}

function slowFlow(type: string): WasiError {
  return new WasiError(
    'POLL_BUSY',
    `messages of the last inputs of this ${type} node are being sent still: trigger it less often, or let it send fewer messages`,
  );
}

function noRuntime(type: string): WasiError {
  return new WasiError(
    'CONFIG_INVALID',
    `this ${type} node has no wasi-runtime: choose one in its properties and deploy`,
  );
}
