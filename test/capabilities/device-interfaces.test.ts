/** Interfaces that reach devices: each device by its own grant, each size within its bound, each failure as WIT says. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { settingsWith, steady } from '../hardware/settings';
import { DeviceSide } from './device-side';
import { HostSide, type Wishes } from './host-side';

const BME680 = { bus: 1, address: 0x77 };
/** Its devices end with it when somebody writes to the port "dies". */
const STRANGE = join(__dirname, '..', 'hardware', 'fixtures', 'strange-device-thread.js');
const CHIP_ID = [Uint8Array.of(0xd0), 1] as const;

let devices: DeviceSide;
before(async () => {
  devices = await DeviceSide.open(settingsWith({ dht22Temperature: steady(31), cpuTemperature: steady(55) }));
});
after(() => devices.close());

const granted = (grants: Wishes['grants'] = {}) => new HostSide(devices, { grants });

describe('gpio-provider', () => {
  it('reads a DHT22 at a granted pin and at no other', () => {
    const host = granted({ gpio: [4] });
    assert.deepEqual(host.call('edge:plugin/gpio-provider readDht22', 4), [31, 45]);
    const refusal = host.failure('edge:plugin/gpio-provider readDht22', 17);
    assert.match(
      String(refusal),
      /GPIO 17 is not granted to my_sensor: set `gpio = \[4, 17\]` below \[plugins\.my_sensor\.grants\]/,
    );
  });

  it('reads a BME680 at a granted address and at no other', () => {
    const host = granted({ i2c: [BME680] });
    const measured = host.call('edge:plugin/gpio-provider readBme680', 0x77);
    assert.ok(Array.isArray(measured) && measured.length === 4 && measured.every(Number.isFinite), String(measured));
    assert.match(String(host.failure('edge:plugin/gpio-provider readBme680', 0x76)), /`i2c = \["0x77", "0x76"\]`/);
  });

  it('says as a sentence what a device says', () => {
    const host = granted({ gpio: [9] });
    assert.match(String(host.failure('edge:plugin/gpio-provider readDht22', 9)), /no DHT22 at GPIO 9/);
  });

  it('knows the time and the processor’s temperature without a grant', () => {
    const host = granted();
    assert.equal(typeof host.call('edge:plugin/gpio-provider getTimestampMs'), 'bigint');
    assert.equal(host.call('edge:plugin/gpio-provider getCpuTemp'), 55);
  });
});

describe('i2c', () => {
  it('transfers to a granted bus and address, and to no other', () => {
    const host = granted({ i2c: [BME680] });
    assert.deepEqual(host.call('edge:plugin/i2c transfer', 1, 0x77, ...CHIP_ID), Uint8Array.of(0x61));
    for (const [bus, address, text] of [
      [1, 0x76, '0x76'],
      [0, 0x77, '0:0x77'],
      [0, 0x03, '0:0x03'],
    ] as const) {
      const val = `I²C address ${text} is not granted to my_sensor: set \`i2c = ["0x77", "${text}"]\` below [plugins.my_sensor.grants] in host.toml`;
      assert.deepEqual(host.failure('edge:plugin/i2c transfer', bus, address, ...CHIP_ID), { tag: 'denied', val });
    }
  });

  it('bounds both ways of a transfer', () => {
    const host = granted({ i2c: [BME680] });
    const tooLong = { tag: 'io', val: 'at most 4096 bytes a transfer (a fixed limit)' };
    assert.deepEqual(host.failure('edge:plugin/i2c transfer', 1, 0x77, new Uint8Array(4_097), 0), tooLong);
    assert.deepEqual(host.failure('edge:plugin/i2c transfer', 1, 0x77, new Uint8Array(1), 2 ** 32 - 1), tooLong);
  });

  it('tells a device that is not there from one that is refused', () => {
    const host = granted({ i2c: [{ bus: 1, address: 0x3d }] });
    const failure = host.failure('edge:plugin/i2c transfer', 1, 0x3d, ...CHIP_ID);
    assert.equal(Object(failure).tag, 'missing');
  });
});

describe('spi', () => {
  it('transfers to a granted device, and to no other', () => {
    const host = granted({ spi: [{ bus: 0, chipSelect: 1 }] });
    const data = Uint8Array.of(1, 2, 3);
    assert.deepEqual(host.call('edge:plugin/spi transfer', 0, 1, data), data);
    for (const [bus, chipSelect] of [
      [0, 0],
      [1, 1],
    ] as const) {
      const failure = host.failure('edge:plugin/spi transfer', bus, chipSelect, data);
      assert.equal(Object(failure).tag, 'denied');
      assert.ok(String(Object(failure).val).includes(`\`spi = ["0.1", "${bus}.${chipSelect}"]\``));
    }
    const tooLong = { tag: 'io', val: 'at most 4096 bytes a transfer (a fixed limit)' };
    assert.deepEqual(host.failure('edge:plugin/spi transfer', 0, 1, new Uint8Array(4_097)), tooLong);
  });
});

describe('uart', () => {
  it('reads and writes a granted port, and no other', () => {
    const host = granted({ uart: ['/dev/ttyAMA0'] });
    assert.equal(host.call('edge:plugin/uart write', '/dev/ttyAMA0', Uint8Array.of(7, 8)), 2);
    assert.deepEqual(host.call('edge:plugin/uart read', '/dev/ttyAMA0', 4_096, 0), Uint8Array.of(7, 8));
    for (const port of ['/dev/ttyAMA1', '/dev/../dev/ttyAMA0', '/dev/ttyAMA0 ', '']) {
      assert.equal(Object(host.failure('edge:plugin/uart read', port, 1, 0)).tag, 'denied', port);
      assert.equal(Object(host.failure('edge:plugin/uart write', port, Uint8Array.of(1))).tag, 'denied', port);
    }
  });

  it('bounds what goes either way', () => {
    const host = granted({ uart: ['p'] });
    const tooLong = { tag: 'io', val: 'at most 4096 bytes a call (a fixed limit)' };
    assert.deepEqual(host.failure('edge:plugin/uart read', 'p', 4_097, 0), tooLong);
    assert.deepEqual(host.failure('edge:plugin/uart write', 'p', new Uint8Array(4_097)), tooLong);
  });
});

describe('process-image', () => {
  const host = () => granted({ processImage: { read: ['Temp_1', 'Both'], write: ['Relay_1', 'Both'] } });
  const BIT = { tag: 'bit', val: true };

  it('names what was granted, once each', () => {
    assert.deepEqual(host().call('edge:plugin/process-image names'), ['Temp_1', 'Both', 'Relay_1']);
  });

  /** Whose names are examples too, which a line keeps for a guest that makes use of them. */
  const using = () => {
    const side = host();
    side.failure('edge:plugin/process-image read', 'Temp_1');
    side.failure('edge:plugin/process-image write', 'Relay_1', BIT);
    return side;
  };

  it('is granted by name and direction', () => {
    for (const name of ['Relay_1', 'Temp_2', '']) {
      const failure = Object(using().failure('edge:plugin/process-image read', name));
      assert.equal(failure.tag, 'denied');
      assert.ok(String(failure.val).includes(`read = ["Temp_1", "Both", "${name}"], write = ["Relay_1", "Both"] }\``));
    }
    for (const name of ['Temp_1', 'Relay_2', '']) {
      const failure = Object(using().failure('edge:plugin/process-image write', name, BIT));
      assert.equal(failure.tag, 'denied');
      assert.ok(String(failure.val).includes(`read = ["Temp_1", "Both"], write = ["Relay_1", "Both", "${name}"] }\``));
    }
  });

  it('is missing where there is no RevPi', () => {
    assert.equal(Object(host().failure('edge:plugin/process-image read', 'Temp_1')).tag, 'missing');
    assert.equal(Object(host().failure('edge:plugin/process-image write', 'Relay_1', BIT)).tag, 'missing');
  });
});

describe('the fan and the machine', () => {
  it('answer as WIT says', () => {
    const host = granted({ fan: true, systemInfo: true });
    host.call('edge:plugin/fan-controller setFan', true);
    assert.equal(host.call('edge:plugin/fan-controller getFanState'), true);
    host.call('edge:plugin/fan-controller setFan', false);
    const memory = host.call('edge:plugin/system-info getMemoryUsage');
    assert.ok(Array.isArray(memory) && memory.length === 2 && memory.every(Number.isInteger), String(memory));
    assert.equal(typeof host.call('edge:plugin/system-info getCpuUsage'), 'number');
    assert.equal(typeof host.call('edge:plugin/system-info getUptime'), 'bigint');
  });

  it('give a default, and a warning once, where the devices are gone', async (t) => {
    const gone = await DeviceSide.open(settingsWith(), STRANGE);
    t.after(() => gone.close());
    const host = new HostSide(gone, { grants: { fan: true, systemInfo: true, i2c: [BME680], uart: ['dies'] } });
    assert.equal(Object(host.failure('edge:plugin/uart write', 'dies', Uint8Array.of(1))).tag, 'io');
    assert.equal(host.call('edge:plugin/fan-controller getFanState'), false);
    assert.equal(host.call('edge:plugin/fan-controller getFanState'), false);
    assert.ok(Number.isNaN(host.call('edge:plugin/gpio-provider getCpuTemp')));
    assert.deepEqual(host.call('edge:plugin/system-info getMemoryUsage'), [0, 0]);
    assert.equal(host.call('edge:plugin/system-info getUptime'), 0n);
    assert.equal(host.warnings.length, 1, host.warnings.join('\n'));
    assert.equal(Object(host.failure('edge:plugin/i2c transfer', 1, 0x77, ...CHIP_ID)).tag, 'io');
  });
});

describe('the original host’s interfaces', () => {
  it('speak I²C in hex on bus 1, to granted addresses', () => {
    const host = granted({ i2c: [BME680, { bus: 0, address: 0x3c }] });
    assert.equal(host.call('demo:plugin/i2c transfer', 0x77, 'D0', 1), '61');
    assert.match(String(host.failure('demo:plugin/i2c transfer', 0x3c, 'd0', 1)), /not granted/);
    for (const hex of ['d', 'zz', '0xd0', 'd0 00', 'd0\n']) {
      assert.match(String(host.failure('demo:plugin/i2c transfer', 0x77, hex, 1)), /pairs of hexadecimal digits/, hex);
    }
    assert.match(String(host.failure('demo:plugin/i2c transfer', 0x77, 'd0'.repeat(4_097), 1)), /at most 4096 bytes/);
  });

  it('mean the first granted SPI device and port', () => {
    const host = granted({ spi: [{ bus: 0, chipSelect: 0 }], uart: ['first', 'second'] });
    assert.deepEqual(host.call('demo:plugin/spi transfer', Uint8Array.of(9)), Uint8Array.of(9));
    assert.deepEqual(host.call('demo:plugin/uart setBaud', 9_600), []);
    assert.equal(host.call('demo:plugin/uart write', Uint8Array.of(5)), 1);
    assert.deepEqual(host.call('edge:plugin/uart read', 'first', 8, 0), Uint8Array.of(5));
    assert.match(String(host.failure('demo:plugin/uart read', 2 ** 32 - 1)), /at most 4096 bytes/);
    assert.match(String(host.failure('demo:plugin/uart write', new Uint8Array(4_097))), /at most 4096 bytes/);
  });

  it('say which is missing where none is granted', () => {
    assert.match(
      String(granted().failure('demo:plugin/spi transfer', Uint8Array.of(9))),
      /an SPI device is not granted/,
    );
    assert.match(String(granted().failure('demo:plugin/uart read', 1)), /a port is not granted/);
  });
});
