/** The example 09-mqtt-home-assistant against a real broker: values, status and will, discovery. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { noBroker } from './mosquitto';
import { discoveries, first, last, MqttFlow, startNodeRed, TEMPERATURE } from './mqtt-flow';

const PRESSURE_CONFIG = 'homeassistant/sensor/pi4/bme680-bme680-pressure/config';
const EVERY_SECOND = { 'plugin-poll': { every: '1' } };
const OFTEN = { 'plugin-poll': { every: '0.3' } };
const BY_MESSAGE = { 'plugin-poll': { every: '' } };

describe('over MQTT', { skip: noBroker }, () => {
  const mqtt = new MqttFlow();

  it('each number has a topic of its own, and a late subscriber finds the newest there', async () => {
    const values = [
      [TEMPERATURE, '21.5'],
      ['pi4/pi_monitor/pi_monitor/cpuTemp', '48'],
    ] as const;
    await mqtt.deploy(EVERY_SECOND);
    const early = mqtt.broker.subscribe();
    for (const [topic, value] of values) await mqtt.untilLast(early, topic, value);
    const late = mqtt.broker.subscribe();
    for (const [topic, value] of values) {
      const { retained, payload } = await mqtt.nodeRed.until(`something on ${topic}`, () => first(late, topic));
      assert.deepEqual([retained, payload], [true, value]);
    }
  });

  it('every sensor is announced, with the topic its values have, and not again at each poll', async () => {
    const all = mqtt.broker.subscribe();
    await mqtt.deploy(OFTEN);
    await mqtt.untilMore(all, TEMPERATURE, 3);
    const values = new Set(all.map(({ topic }) => topic).filter((topic) => /^pi4(\/\w+){3}$/.test(topic)));
    const announced = new Set(discoveries(all).map(({ payload }) => JSON.parse(payload).state_topic));
    assert.ok(values.size >= 14, `${values.size} values`);
    assert.deepEqual([...announced].sort(), [...values].sort());
    const before = discoveries(all).length;
    await mqtt.untilMore(all, TEMPERATURE, 3);
    assert.equal(discoveries(all).length, before);
  });

  it('an announcement has unit, class and availability, and stays for Home Assistant that starts later', async () => {
    await mqtt.deploy(EVERY_SECOND);
    const early = mqtt.broker.subscribe();
    await mqtt.nodeRed.until('a discovery', () => first(early, PRESSURE_CONFIG));
    const late = mqtt.broker.subscribe();
    const pressure = await mqtt.nodeRed.until('a discovery', () => first(late, PRESSURE_CONFIG));
    const { unit_of_measurement, device_class, availability_topic, expire_after } = JSON.parse(pressure.payload);
    assert.deepEqual(
      [pressure.retained, unit_of_measurement, device_class, availability_topic, expire_after],
      [true, 'hPa', 'atmospheric_pressure', 'pi4/status', 30],
    );
    const alarm = await mqtt.nodeRed.until('a switch', () => last(late, 'homeassistant/switch/pi4/alarm/config'));
    assert.equal(JSON.parse(alarm.payload).command_topic, 'pi4/alarm/set');
  });

  it('Home Assistant that says it is there is told of every sensor again', async () => {
    const all = mqtt.broker.subscribe();
    await mqtt.deploy(OFTEN);
    await mqtt.untilMore(all, TEMPERATURE, 3);
    const before = discoveries(all);
    const sensors = new Set(before.map(({ topic }) => topic)).size;
    mqtt.broker.publish('homeassistant/status', 'online');
    await mqtt.nodeRed.until('all of them', () => discoveries(all).length === before.length + sensors);
  });

  it('a node is online while it is connected, and offline once it was closed', async () => {
    const all = mqtt.broker.subscribe();
    await mqtt.deploy(BY_MESSAGE);
    await mqtt.untilLast(all, 'pi4/status', 'online');
    await mqtt.nodeRed.deploy([]);
    await mqtt.untilLast(all, 'pi4/status', 'offline');
    assert.equal((await mqtt.untilLast(mqtt.broker.subscribe(), 'pi4/status', 'offline')).retained, true);
  });

  it('a node that dies is offline by its will', async (test) => {
    const mortal = await startNodeRed();
    // It ends by a signal here, which `stop` reports.
    test.after(() => mortal.stop().catch(() => undefined));
    const all = mqtt.broker.subscribe();
    await mortal.deploy(mqtt.nodes(BY_MESSAGE));
    await mqtt.untilLast(all, 'pi4/status', 'online');
    mortal.child.kill('SIGKILL');
    await mqtt.untilLast(all, 'pi4/status', 'offline');
  });
});
