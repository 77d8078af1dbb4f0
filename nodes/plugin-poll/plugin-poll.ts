/**
 * The plugin-poll node: any message polls its plugin once, or runs a whole cycle where the plugin is `*`, and it may do
 * so on its own every so often. A tick that finds the last poll still under way is left out. A display plugin is updated
 * instead, and the message leaves as it came. With `*`, a plugin that fails is named in `msg.errors`, and only a cycle in
 * which all failed is an error.
 */
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { expireAfterSeconds, expireAfterUsual } from '../../src/readings/home-assistant';
import { type Emit, eachMessage, type Message } from '../../src/readings/messages';
import type { Reading } from '../../src/readings/reading';
import type { PluginFailure, RuntimeApi } from '../../src/runtime-api/runtime-api';
import { emitProperty } from '../emit-property';
import { textProperty, wrong } from '../node-properties';
import { asError, cycleError } from '../node-red-errors';
import { type Outcome, RuntimeUser } from '../runtime-user';
import { maxValueLength, type Shown } from '../status';
import { valueText } from '../value-text';
import { type Every, intervalMs, parseEvery } from './every';

interface PluginPollDef extends NodeDef {
  readonly runtime?: unknown;
  readonly plugin?: unknown;
  readonly every?: unknown;
  readonly emit?: unknown;
}

interface Properties {
  readonly plugin: string;
  readonly every: Every;
  readonly emit: Emit;
}

const WHOLE_CYCLE = '*';

export = (RED: NodeAPI): void => {
  RED.nodes.registerType('plugin-poll', function (this: Node, def: PluginPollDef) {
    RED.nodes.createNode(this, def);
    const one = typeof def.plugin === 'string' && def.plugin !== WHOLE_CYCLE ? def.plugin : undefined;
    const user = new RuntimeUser(RED, this, def.runtime, one, 'polling');
    user.onInput((api, message) => {
      const properties = readProperties(def);
      return properties.plugin === WHOLE_CYCLE ? pollAll(api, properties, message) : pollOne(api, properties, message);
    });
    try {
      repeat(this, user, readProperties(def).every);
    } catch (error) {
      user.refuse(asError(error));
    }
  });
};

function readProperties({ plugin, every, emit }: PluginPollDef): Properties {
  const name = textProperty('plugin', plugin, '').trim();
  if (name === '') throw wrong('plugin', plugin, 'the name of a plugin, or "*"');
  return { plugin: name, every: parseEvery(every), emit: emitProperty(emit) };
}

function repeat(node: Node, user: RuntimeUser, every: Every): void {
  const { runtime } = user;
  if (every.kind === 'message' || runtime === undefined) return;
  let timer: NodeJS.Timeout | undefined;
  const start = (): void => {
    clearInterval(timer);
    if (user.isClosed || runtime.phase.kind !== 'open') return;
    const tick = () => {
      if (!user.isBusy) node.receive({});
    };
    timer = setInterval(tick, intervalMs(every, runtime.phase.api.config.polling.intervalSeconds));
  };
  // A runtime that does not open is reported by its own node, and in the status of this one.
  const deregister = runtime.register({
    phaseChanged: start,
    runtimeEvent: ({ kind }) => {
      if (kind === 'configured' && every.kind === 'host') start();
    },
  });
  node.on('close', () => {
    clearInterval(timer);
    deregister();
  });
  start();
}

async function pollOne(api: RuntimeApi, properties: Properties, message: Message): Promise<Outcome> {
  const outcome = await api.poll(properties.plugin);
  if (outcome.kind === 'disabled') return { messages: [], shown: { kind: 'disabled' } };
  if (outcome.kind === 'shown') return { messages: [message], shown: { kind: 'shown' } };
  const { readings, failures } = outcome;
  const [failure] = failures;
  const original = failure === undefined ? message : { ...message, errors: errorsOf(failures) };
  const messages = messagesOf(api, properties, readings, outcome.plugin, original);
  const shown: Shown =
    failure === undefined ? newestValue(api, readings) : { kind: 'failed', code: failure.error.code };
  return { messages, shown };
}

async function pollAll(api: RuntimeApi, properties: Properties, message: Message): Promise<Outcome> {
  const { readings, failures, polled, answered, updated, shown } = await api.pollAll();
  const called = polled + updated;
  if (called === 0) return { messages: [], shown: { kind: 'disabled' } };
  // A display that shows that every sensor failed is no reason to keep silent about it.
  if (polled > 0 ? answered === 0 : shown === 0) throw cycleError(failures, shown > 0 ? 'sensor plugin' : 'plugin');
  const original = { ...message, errors: errorsOf(failures) };
  const messages = polled > 0 ? messagesOf(api, properties, readings, WHOLE_CYCLE, original) : [original];
  const failed = new Set(failures.map(({ plugin }) => plugin)).size;
  return { messages, shown: { kind: 'cycle', ok: called - failed, polled: called } };
}

function errorsOf(failures: readonly PluginFailure[]) {
  return failures.map(({ plugin, error }) => ({ plugin, code: error.code, message: error.message }));
}

function messagesOf(
  api: RuntimeApi,
  { emit, every }: Properties,
  readings: readonly Reading[],
  plugin: string,
  original: Message,
): Iterable<Message> {
  const { polling, cluster } = api.config;
  const { nodeId } = cluster;
  // What only discovery needs is not worked out for messages without it.
  if (emit !== 'values') return eachMessage(emit, readings, plugin, nodeId, original);
  const expireAfterS =
    every.kind === 'message'
      ? expireAfterFlow(api, readings)
      : expireAfterSeconds(intervalMs(every, polling.intervalSeconds));
  return eachMessage(emit, readings, plugin, nodeId, original, { expireAfterS });
}

/** A flow polls, at times that only the readings tell. undefined while they do not tell it of each sensor. */
function expireAfterFlow(api: RuntimeApi, readings: readonly Reading[]): number | undefined {
  const intervals = readings.map((reading) => api.usualInterval(reading));
  const known = intervals.filter((interval) => interval !== undefined);
  return known.length === intervals.length && known.length > 0 ? expireAfterUsual(Math.max(...known)) : undefined;
}

function newestValue(api: RuntimeApi, readings: readonly Reading[]): Shown {
  const newest = readings.at(-1);
  const text = newest === undefined ? '' : valueText(newest, maxValueLength(api.hardware.kind === 'simulated'));
  return text === '' ? { kind: 'no-values' } : { kind: 'value', text };
}
