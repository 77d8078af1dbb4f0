/** The Raspberry Pi backend on the kernel's own DHT22 driver and thermal zones. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Dht22Pin, dht22Wire } from './dht22-wire';
import { piOf } from './pi';
import { ThermalZone } from './thermal-zone';

const PINS: readonly Dht22Pin[] = [4, 17];
/** The reader asks the sensor again no sooner. */
const READ_INTERVAL_MS = 2_500;

afterEach(() => {
  for (const pin of PINS) {
    dht22Wire.unplug(pin);
    dht22Wire.silent(pin);
    dht22Wire.plug(pin);
  }
});

describe("a DHT22 of the kernel's driver", () => {
  for (const [temperature, humidity] of [
    [21.5, 40.3],
    [-12.3, 99.9],
  ] as const) {
    it(`measures ${temperature} °C and ${humidity} %, at its own pin`, async (t) => {
      const { hardware } = await piOf(t);
      dht22Wire.measures(4, temperature, humidity);
      dht22Wire.measures(17, 30, 50);
      assert.deepEqual(await hardware.readDht22(4), { temperature, humidity });
      assert.deepEqual(await hardware.readDht22(17), { temperature: 30, humidity: 50 });
    });
  }

  it('says that it did not answer, and the loop of the devices goes on meanwhile', async (t) => {
    const { hardware } = await piOf(t);
    let turns = 0;
    const counting = setInterval(() => {
      turns += 1;
    }, 1);
    await assert.rejects(hardware.readDht22(4), {
      code: 'HARDWARE_IO',
      message: /DHT22 at GPIO 4 did not answer.*ETIMEDOUT.*pull-up/,
    });
    clearInterval(counting);
    assert.ok(turns > 100, `${turns} turns in two tries of 1 s`);
  });

  it('says that its checksum was wrong, and is read again', async (t) => {
    const { hardware } = await piOf(t);
    dht22Wire.sends(4, Uint8Array.of(0x02, 0x8c, 0x01, 0x5f, 0xef));
    await assert.rejects(hardware.readDht22(4), { code: 'HARDWARE_IO', message: /checksum \(EIO\)/ });
    await delay(READ_INTERVAL_MS);
    dht22Wire.sends(4, Uint8Array.of(0x02, 0x8c, 0x01, 0x5f, 0xee));
    assert.deepEqual(await hardware.readDht22(4), { temperature: 35.1, humidity: 65.2 });
  });

  it('is missing where there is no overlay for its pin, which is named, and found once there is one', async (t) => {
    const { hardware, said } = await piOf(t);
    dht22Wire.measures(4, 20, 50);
    dht22Wire.unplug(4);
    const missing = {
      code: 'HARDWARE_MISSING',
      message: /add dtoverlay=dht11,gpiopin=4 to \/boot\/firmware\/config\.txt/,
    };
    await assert.rejects(hardware.readDht22(4), missing);
    assert.ok(said.some((text) => missing.message.test(text)));
    await delay(READ_INTERVAL_MS);
    dht22Wire.plug(4);
    assert.deepEqual(await hardware.readDht22(4), { temperature: 20, humidity: 50 });
  });
});

describe("the processor's temperature", () => {
  it('is missing without a thermal zone, and is that of the zone there is', async (t) => {
    const { hardware } = await piOf(t);
    await assert.rejects(hardware.cpuTemperature(), { code: 'HARDWARE_MISSING', message: /no thermal zone/ });
    const zone = await ThermalZone.add(48_200);
    t.after(() => zone.remove());
    assert.equal(await hardware.cpuTemperature(), 48.2);
    zone.set(51_000);
    assert.equal(await hardware.cpuTemperature(), 51);
  });
});
