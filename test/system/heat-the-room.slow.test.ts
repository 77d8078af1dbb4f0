/** The example 10-heat-the-room, as it is shipped: by its page's requests, and by its buttons. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { HeatedRoom, LED_COLOURS, ROOM_LED } from './heat-the-room';

interface Reading {
  readonly plugin: string;
  readonly values: { readonly temperature?: number };
}

let room: HeatedRoom;
before(async () => {
  room = await HeatedRoom.start();
});
beforeEach(() => room.deploy());
after(() => room.stop());

async function measured(): Promise<number | undefined> {
  const readings: readonly Reading[] = await room.nodeRed.json('/heat/dashboard/api/readings');
  return readings.find(({ plugin }) => plugin === 'dht22')?.values.temperature;
}

/** A click on an inject button; what the node behind sends. */
async function press(button: string): Promise<Readonly<Record<string, unknown>>> {
  const world = room.node('debug', 'the world');
  const count = room.nodeRed.comms.debugs(world).length + 1;
  await room.nodeRed.inject(room.node('inject', button));
  const sent = (await room.nodeRed.untilDebugs(world, count)).at(-1);
  assert.ok(typeof sent === 'object' && sent !== null);
  return { ...sent };
}

describe('the example 10-heat-the-room', () => {
  it('raises the alarm once when the room is heated, and ends it once when it cools', async () => {
    const { nodeRed } = room;
    const notify = room.node('debug', 'notify');
    const before = await room.world();
    assert.deepEqual([before['dht22_temperature'], before.alarm], [21.5, undefined]);
    assert.equal((await room.world({ dht22_temperature: 33 }))['dht22_temperature'], 33);
    await room.untilWorld(
      'alarm and red LED',
      ({ alarm, leds }) => alarm === true && leds[ROOM_LED] === LED_COLOURS.red,
    );
    assert.match(await nodeRed.text('/heat/dashboard'), /33/);
    // Between the two limits it neither ends nor rises again.
    await room.world({ dht22_temperature: 29 });
    await nodeRed.until('29 °C is measured', async () => (await measured()) === 29);
    assert.equal((await room.world()).alarm, true);
    await room.world({ dht22_temperature: 21 });
    await room.untilWorld('no alarm, green LED', ({ alarm, leds }) => !alarm && leds[ROOM_LED] === LED_COLOURS.green);
    assert.deepEqual(await nodeRed.untilDebugs(notify, 2), ['too hot', 'back to normal']);
    assert.equal(nodeRed.comms.debugs(notify).length, 2);
  });

  it('does the same by buttons, tries fan and buzzer, and breaks the sensor', async () => {
    assert.equal((await press('hot'))['dht22_temperature'], 33);
    assert.equal((await press('cold'))['dht22_temperature'], 5);
    assert.equal((await press('fan on'))['fan'], true);
    assert.equal((await press('fan off'))['fan'], false);
    assert.equal((await press('buzzer test'))['buzzer'], true);
    assert.equal((await press('broken sensor'))['dht22_failure_rate'], 1);
    await room.untilWorld('the LED of no answer', ({ leds }) => leds[ROOM_LED] === LED_COLOURS.amber);
    const normal = await press('normal');
    assert.equal(normal['dht22_failure_rate'], 0);
    assert.ok(Math.abs(Number(normal['dht22_temperature']) - 22) < 2);
    await room.untilWorld('the sensor answers again', ({ leds }) => leds[ROOM_LED] === LED_COLOURS.green);
  });

  it('has a fan that the processor switches on when it is hot', async () => {
    await room.world({ cpu_temperature: 70 });
    await room.untilWorld('the fan is on', ({ fan }) => fan === true);
    await room.world({ cpu_temperature: 45 });
    await room.untilWorld('the fan is off', ({ fan }) => fan === false);
  });

  it('answers a change that cannot be with the reason, and changes nothing', async () => {
    const response = await room.post({ dht22_temperature: 200, dht22_humidity: 99 });
    assert.equal(response.status, 400);
    assert.match(await response.text(), /dht22_temperature: expected a number from -40 to 80, found 200/);
    const world = await room.world();
    assert.deepEqual([world['dht22_temperature'], world['dht22_humidity']], [21.5, 40]);
    assert.match(await room.nodeRed.text('/heat'), /<input type="range" id="room" name="dht22_temperature"/);
  });
});
