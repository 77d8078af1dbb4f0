/**
 * A broker that is gone for a while, against the example 09-mqtt-home-assistant: what was measured meanwhile is dropped and
 * not kept, so memory does not grow with the time, and the newest values come once it is back. A plugin that counts its
 * polls shows which ones arrived.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { STILL_WORLD, theNode } from './flow-nodes';
import { noBroker, type Published } from './mosquitto';
import { discoveries, last, MqttFlow, on, TEMPERATURE } from './mqtt-flow';

const COUNT = 'pi4/counter/counter/count';
/** Polls that a broker misses before it comes back. */
const MISSED = 40;
/** Counted as often as a plugin can be asked, nearly; the keep-alive in seconds, so that a frozen broker is noticed soon. */
const COUNTING = {
  'plugin-poll': { every: '0.03', plugin: 'counter' },
  'mqtt-broker': { keepalive: '1' },
  'wasi-runtime': { configText: `${STILL_WORLD}[plugins.counter]\nenabled = true\n` },
};

describe('a broker that is gone', { skip: noBroker }, () => {
  const mqtt = new MqttFlow();

  async function counted(): Promise<readonly Published[]> {
    const all = mqtt.broker.subscribe();
    const broker = {
      'mqtt-broker': { ...COUNTING['mqtt-broker'], broker: '127.0.0.1', port: String(mqtt.broker.port) },
    };
    await mqtt.deploy({ ...COUNTING, ...broker });
    await mqtt.untilMore(all, COUNT, 10);
    return all;
  }

  /** Polls that the node made, as its status shows them. */
  function polls(): number {
    const { id } = theNode(mqtt.nodes(), 'plugin-poll');
    return mqtt.nodeRed.comms.statuses(id).filter(({ text }) => /^\d/.test(text ?? '')).length;
  }

  async function missSome(): Promise<void> {
    const { id } = theNode(mqtt.nodes(), 'mqtt out', 'publish, retained');
    await mqtt.nodeRed.untilStatus(id, /^(red|yellow) ring/);
    const before = polls();
    await mqtt.nodeRed.until('many polls', () => polls() >= before + MISSED);
  }

  it('and killed is missed by nobody: what it would have got is dropped, and the newest comes', async () => {
    const before = await counted();
    const known = Math.max(...countsOf(before));
    await mqtt.broker.kill();
    await missSome();
    await mqtt.broker.startAgain();
    const after = mqtt.broker.subscribe();
    await mqtt.untilMore(after, COUNT, 10);
    const counts = [known, ...countsOf(after)];
    assert.ok(largestStep(counts) >= MISSED, `${counts}`);
  });

  it('and frozen is noticed by the keep-alive, and no more is kept for it than was sent until then', async () => {
    const all = await counted();
    mqtt.broker.freeze();
    await missSome();
    const atLeast = Math.max(...countsOf(all)) + MISSED;
    mqtt.broker.thaw();
    await mqtt.nodeRed.until('a newer count', () => Math.max(...countsOf(all)) > atLeast);
    await mqtt.untilMore(all, COUNT, 10);
    assert.ok(largestStep(countsOf(all)) >= MISSED, `${countsOf(all)}`);
  });

  it('and comes back with nothing retained is told status, sensors and values again', async () => {
    const before = mqtt.broker.subscribe();
    await mqtt.deploy({ 'plugin-poll': { every: '0.3' } });
    await mqtt.untilMore(before, TEMPERATURE, 3);
    const sensors = new Set(discoveries(before).map(({ topic }) => topic));
    await mqtt.broker.kill();
    const { id } = theNode(mqtt.nodes(), 'mqtt out', 'publish, retained');
    await mqtt.nodeRed.untilStatus(id, /^(red|yellow) ring/);
    await mqtt.broker.startAgain();
    const after = mqtt.broker.subscribe();
    await mqtt.untilLast(after, 'pi4/status', 'online');
    await mqtt.untilLast(after, TEMPERATURE, '21.5');
    await mqtt.nodeRed.until('every sensor', () => {
      const told = new Set(discoveries(after).map(({ topic }) => topic));
      return told.size === sensors.size;
    });
    assert.ok(last(after, 'homeassistant/switch/pi4/alarm/config'));
  });
});

function countsOf(messages: readonly Published[]): number[] {
  return on(messages, COUNT).map(({ payload }) => Number(payload));
}

/** Between two that came one after the other. */
function largestStep(counts: readonly number[]): number {
  return Math.max(...counts.map((count, index) => count - (counts[index - 1] ?? count)));
}
