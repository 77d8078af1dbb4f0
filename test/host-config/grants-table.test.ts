import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { grantLines } from '../../src/host-config/grant-lines';
import { NO_GRANTS } from '../../src/host-config/grants-table';
import type { Grants } from '../../src/host-config/host-config';
import { parsed, refusal } from './host-toml';

function grants(text: string, name = 'x'): Grants | undefined {
  return parsed(text).plugins.get(name)?.grants;
}

describe('the grants of a plugin', () => {
  it('are none unless written down', () => {
    assert.deepEqual(grants('[plugins.x]'), NO_GRANTS);
    assert.deepEqual(grants('[plugins.x.grants]'), NO_GRANTS);
  });

  it('are exactly what is written down', () => {
    const text = `[plugins.x.grants]
      gpio = [4, 17]
      i2c = ["0x76", "0:0x3C"]
      buzzer = true
      fan = true
      system_info = true
      state_store = true
      spi = ["0.1"]
      uart = ["/dev/ttyAMA0", "/dev/serial/by-id/usb-FTDI_0:1.0-port0"]
      process_image = { read = ["Temp_1"], write = ["Relay_1"] }`;
    assert.deepEqual(grants(text), {
      gpio: [4, 17],
      i2c: [
        { bus: 1, address: 0x76 },
        { bus: 0, address: 0x3c },
      ],
      buzzer: true,
      fan: true,
      systemInfo: true,
      stateStore: true,
      spi: [{ bus: 0, chipSelect: 1 }],
      uart: ['/dev/ttyAMA0', '/dev/serial/by-id/usb-FTDI_0:1.0-port0'],
      processImage: { read: ['Temp_1'], write: ['Relay_1'] },
    });
  });

  for (const [line, found] of [
    ['gpio = [28]', '28'],
    ['gpio = ["4"]', '"4"'],
    ['i2c = ["0x78"]', '"0x78"'],
    ['i2c = ["0x02"]', '"0x02"'],
    ['i2c = ["256:0x76"]', '"256:0x76"'],
    ['i2c = ["118"]', '"118"'],
    ['i2c = [0x76]', '118'],
    ['i2c = ["0x76 "]', '"0x76 "'],
    ['buzzer = "true"', '"true"'],
    ['fan = 1', '1'],
    ['spi = ["0"]', '"0"'],
    ['spi = ["/dev/spidev0.0"]', '"/dev/spidev0.0"'],
    ['uart = ["ttyAMA0"]', '"ttyAMA0"'],
    ['uart = ["/etc/shadow"]', '"/etc/shadow"'],
    ['uart = ["/dev/../etc/shadow"]', '"/dev/../etc/shadow"'],
    ['uart = ["/dev/"]', '"/dev/"'],
    ['process_image = { read = [""] }', '""'],
    ['process_image = { write = ["a b"] }', '"a b"'],
    ['process_image = ["Temp_1"]', 'a list of 1'],
  ] as const) {
    it(`are refused: ${line}`, () => {
      const message = refusal(`[plugins.x]\n[plugins.x.grants]\n${line}`);
      assert.ok(message.startsWith(`host.toml, line 3, plugins.x.grants.${line.split(' ')[0]}`), message);
      assert.ok(message.includes(`found ${found}`), message);
    });
  }
});

describe('a bundled plugin', () => {
  it('is granted what its tables imply', () => {
    const text = '[sensors.dht22]\ngpio_pin = 22\n[sensors.bme680]\nbus = 0\ni2c_address = "0x76"';
    assert.deepEqual(grants(text, 'dht22'), { ...NO_GRANTS, gpio: [22], buzzer: true });
    assert.deepEqual(grants(text, 'bme680'), { ...NO_GRANTS, i2c: [{ bus: 0, address: 0x76 }], stateStore: true });
    assert.deepEqual(grants(text, 'pi_monitor'), { ...NO_GRANTS, systemInfo: true, fan: true, buzzer: true });
    assert.deepEqual(grants(text, 'dashboard'), NO_GRANTS);
  });

  it('with a grants table has that and nothing else', () => {
    assert.deepEqual(grants('[plugins.dht22.grants]\ngpio = [4]', 'dht22'), { ...NO_GRANTS, gpio: [4] });
    assert.deepEqual(grants('[plugins.pi_monitor.grants]', 'pi_monitor'), NO_GRANTS);
  });
});

describe('the lines that would grant an interface', () => {
  for (const name of [
    'buzzer-controller',
    'fan-controller',
    'system-info',
    'state-store',
    'i2c',
    'spi',
    'uart',
    'process-image',
  ]) {
    it(`are lines of host.toml that do grant it: ${name}`, () => {
      const config = parsed(grantLines('my_sensor', [name], NO_GRANTS));
      assert.deepEqual(config.warnings, []);
      assert.notDeepEqual(config.plugins.get('my_sensor')?.grants, NO_GRANTS);
    });
  }

  it('are the same for a versioned name, and quote a name that needs it', () => {
    assert.equal(
      grantLines('my_sensor', ['edge:plugin/i2c@1.0.0'], NO_GRANTS),
      '[plugins.my_sensor.grants]\ni2c = ["0x76"]',
    );
    assert.equal(
      grantLines('my.sensor', ['demo:plugin/i2c'], NO_GRANTS),
      '[plugins."my.sensor".grants]\ni2c = ["0x76"]',
    );
  });

  it('are one table for several, in which what is granted already stays', () => {
    const text = `[plugins.x.grants]
      gpio = [4]
      i2c = ["0x77", "0:0x3c"]
      spi = ["0.1"]
      uart = ["/dev/ttyS0"]
      state_store = true
      process_image = { read = ["a"], write = [] }`;
    const before = parsed(text).plugins.get('x')?.grants ?? NO_GRANTS;
    const after = parsed(grantLines('x', ['fan-controller', 'buzzer-controller'], before)).plugins.get('x')?.grants;
    assert.deepEqual(after, { ...before, fan: true, buzzer: true });
  });

  it('are none for what nothing grants', () => assert.equal(grantLines('x', ['wasi:sockets/tcp'], NO_GRANTS), ''));
});
