/** Commands of the example 09-mqtt-home-assistant, sent to a real broker: poll, alarm, colours of LEDs, and wrong ones. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { noBroker, type Published } from './mosquitto';
import { last, MqttFlow, on, TEMPERATURE } from './mqtt-flow';

const LED_COUNT = 11;
const DARK = '#000000';
const GREEN = '#00ff00';
const RED = '#ff0000';
const BY_MESSAGE = { 'plugin-poll': { every: '' } };

function strip(...first: readonly string[]): string {
  const dark = Array.from({ length: LED_COUNT - first.length }, () => DARK);
  return JSON.stringify([...first, ...dark]);
}

describe('a command over MQTT', { skip: noBroker }, () => {
  const mqtt = new MqttFlow();

  /** Deployed, connected, and not polled yet. */
  async function started(): Promise<readonly Published[]> {
    const all = mqtt.broker.subscribe();
    await mqtt.deploy(BY_MESSAGE);
    await mqtt.untilLast(all, 'pi4/status', 'online');
    return all;
  }

  /** Polled once by a command; the colours of the plugins. */
  async function polled(all: readonly Published[]): Promise<string> {
    mqtt.broker.publish('pi4/poll/set', '');
    await mqtt.untilMore(all, 'pi4/leds', 1);
    const shown = last(all, 'pi4/leds')?.payload ?? '';
    assert.deepEqual(JSON.parse(shown).slice(0, 2), [GREEN, GREEN]);
    return shown;
  }

  it('polls once', async () => {
    const all = await started();
    assert.equal(last(all, TEMPERATURE), undefined);
    await polled(all);
    await mqtt.untilLast(all, TEMPERATURE, '21.5');
    assert.equal(on(all, TEMPERATURE).length, 1);
  });

  it('alarms: the strip is red, whatever plugins set, until it is told off', async () => {
    const all = await started();
    const own = await polled(all);
    const red = JSON.stringify(Array.from({ length: LED_COUNT }, () => RED));
    mqtt.broker.publish('pi4/alarm/set', 'ON');
    await mqtt.untilLast(all, 'pi4/leds', red);
    await mqtt.untilLast(all, 'pi4/alarm', 'ON');
    mqtt.broker.publish('pi4/poll/set', '');
    await mqtt.untilMore(all, 'pi4/leds', 1);
    assert.equal(last(all, 'pi4/leds')?.payload, red);
    mqtt.broker.publish('pi4/alarm/set', 'OFF');
    await mqtt.untilLast(all, 'pi4/leds', own);
    await mqtt.untilLast(all, 'pi4/alarm', 'OFF');
    assert.equal((await mqtt.untilLast(mqtt.broker.subscribe(), 'pi4/alarm', 'OFF')).retained, true);
  });

  it('lays colours over single LEDs, and takes them away', async () => {
    const all = await started();
    mqtt.broker.publish('pi4/leds/set', '["#0000ff", null, "#010203"]');
    await mqtt.untilLast(all, 'pi4/leds', strip('#0000ff', DARK, '#010203'));
    mqtt.broker.publish('pi4/leds/set', 'null');
    await mqtt.untilLast(all, 'pi4/leds', strip());
  });

  for (const [what, topic, payload, told] of [
    ['a colour that is none', 'pi4/leds/set', '[null, "blue"]', /"code":"CONFIG_INVALID".*msg\.leds\[1\] must be/],
    [
      'more colours than LEDs',
      'pi4/leds/set',
      JSON.stringify(Array(12).fill(RED)),
      /"CONFIG_INVALID".*at most 11 entries/,
    ],
    ['no JSON', 'pi4/leds/set', '[#ff0000]', /JSON/],
  ] as const) {
    it(`that is wrong is answered with what is wrong, and changes nothing: ${what}`, async () => {
      const all = await started();
      const own = await polled(all);
      mqtt.broker.publish(topic, payload);
      const error = await mqtt.nodeRed.until('an answer', () => last(all, 'pi4/error'));
      assert.match(error.payload, told);
      mqtt.broker.publish('pi4/poll/set', '');
      await mqtt.untilMore(all, 'pi4/leds', 1);
      assert.equal(last(all, 'pi4/leds')?.payload, own);
      const late = mqtt.broker.subscribe();
      await mqtt.untilLast(late, 'pi4/status', 'online');
      assert.equal(last(late, 'pi4/error'), undefined, 'an error is not retained');
    });
  }

  it('that was retained does nothing: it would come again with each connection', async () => {
    mqtt.broker.publish('pi4/alarm/set', 'ON', '--retain');
    const all = await started();
    await polled(all);
    assert.equal(last(all, 'pi4/alarm'), undefined);
  });
});
