/** Calls that a grant refuses: counted, warned of, and never seen by a device. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { grantLines } from '../../src/host-config/grant-lines';
import { NO_GRANTS } from '../../src/host-config/grants-table';
import type { Grants } from '../../src/host-config/host-config';
import { parseHostConfig } from '../../src/host-config/parse-host-config';
import { settingsWith } from '../hardware/settings';
import { DeviceSide } from './device-side';
import { HostSide } from './host-side';

let devices: DeviceSide;
before(async () => {
  devices = await DeviceSide.open(settingsWith());
});
after(() => devices.close());

const BIT = { tag: 'bit', val: true };
const BYTE = Uint8Array.of(0xd0);
/** Of each kind: a call that is refused, and the line of host.toml that the warning names. */
const REFUSED: readonly (readonly [string, readonly unknown[], string])[] = [
  ['edge:plugin/gpio-provider readDht22', [4], 'gpio = [4]'],
  ['edge:plugin/gpio-provider readBme680', [0x77], 'i2c = ["0x77"]'],
  ['edge:plugin/i2c transfer', [1, 0x77, BYTE, 1], 'i2c = ["0x77"]'],
  ['edge:plugin/spi transfer', [0, 0, BYTE], 'spi = ["0.0"]'],
  ['edge:plugin/uart read', ['/dev/ttyAMA0', 1, 0], 'uart = ["/dev/ttyAMA0"]'],
  ['edge:plugin/uart write', ['/dev/ttyAMA0', BYTE], 'uart = ["/dev/ttyAMA0"]'],
  ['edge:plugin/process-image read', ['Temp_1'], 'process_image = { read = ["Temp_1"] }'],
  ['edge:plugin/process-image write', ['Relay_1', BIT], 'process_image = { write = ["Relay_1"] }'],
  ['edge:plugin/led-controller setLed', [0, 1, 1, 1], 'leds = [0]'],
  ['edge:plugin/led-controller setAll', [1, 1, 1], 'leds = [0, 1, 2, 3, 4]'],
  ['demo:plugin/i2c transfer', [0x77, 'd0', 1], 'i2c = ["0x77"]'],
  ['demo:plugin/spi transfer', [BYTE], 'spi = ["0.0"]'],
  ['demo:plugin/uart read', [1], 'uart = ["/dev/ttyAMA0"]'],
  ['demo:plugin/uart write', [BYTE], 'uart = ["/dev/ttyAMA0"]'],
  ['demo:plugin/uart setBaud', [9_600], 'uart = ["/dev/ttyAMA0"]'],
];

/** What is granted beside each of them, so that a line can be seen to keep it. */
const BESIDE: Partial<Grants> = {
  fan: true,
  gpio: [17],
  i2c: [{ bus: 0, address: 0x3c }],
  spi: [{ bus: 1, chipSelect: 2 }],
  uart: ['/dev/ttyS9'],
  processImage: { read: ['Temp_0'], write: ['Relay_0'] },
};
const MERGED: readonly (readonly [string, readonly unknown[], string])[] = [
  ['edge:plugin/gpio-provider readDht22', [4], 'gpio = [17, 4]'],
  ['edge:plugin/gpio-provider readBme680', [0x77], 'i2c = ["0:0x3c", "0x77"]'],
  ['edge:plugin/i2c transfer', [1, 0x77, BYTE, 1], 'i2c = ["0:0x3c", "0x77"]'],
  ['edge:plugin/spi transfer', [0, 0, BYTE], 'spi = ["1.2", "0.0"]'],
  ['edge:plugin/uart write', ['/dev/ttyAMA0', BYTE], 'uart = ["/dev/ttyS9", "/dev/ttyAMA0"]'],
  ['edge:plugin/process-image read', ['T'], 'process_image = { read = ["Temp_0", "T"], write = ["Relay_0"] }'],
  ['edge:plugin/process-image write', ['R', BIT], 'process_image = { read = ["Temp_0"], write = ["Relay_0", "R"] }'],
];

/** What people paste who were told at load how an interface is granted. */
const EXAMPLE_TOML = grantLines('my_sensor', ['i2c', 'spi', 'uart', 'process-image'], NO_GRANTS);
const EXAMPLES = parseHostConfig(EXAMPLE_TOML, 'host.toml', { hostName: 'pi' }).plugins.get('my_sensor')?.grants ?? {};
/** A call of something else than the example, the line that grants it, and arguments that make use of the example. */
const AFTER_EXAMPLES: readonly (readonly [string, readonly unknown[], string, readonly unknown[]])[] = [
  ['edge:plugin/i2c transfer', [1, 0x44, BYTE, 1], 'i2c = ["0x44"]', [1, 0x76, BYTE, 1]],
  ['edge:plugin/gpio-provider readBme680', [0x77], 'i2c = ["0x77"]', [0x76]],
  ['edge:plugin/spi transfer', [0, 1, BYTE], 'spi = ["0.1"]', [0, 0, BYTE]],
  ['edge:plugin/uart write', ['/dev/ttyS9', BYTE], 'uart = ["/dev/ttyS9"]', ['/dev/ttyAMA0', BYTE]],
  ['edge:plugin/process-image read', ['T'], 'process_image = { read = ["T"] }', ['Temp_1']],
  ['edge:plugin/process-image write', ['R', BIT], 'process_image = { write = ["R"] }', ['Relay_1', BIT]],
  ['demo:plugin/i2c transfer', [0x44, 'd0', 1], 'i2c = ["0x44"]', [0x76, 'd0', 1]],
];

/** As the glue does it: what an interface can say as an error is one. */
function attempt(host: HostSide, name: string, args: readonly unknown[]): void {
  try {
    host.call(name, ...args);
  } catch (error) {
    assert.ok(error instanceof Error && 'payload' in error, String(error));
  }
}

describe('a call that a grant refuses', () => {
  for (const [name, args, line] of REFUSED) {
    it(`(${name}) counts, is warned of with the line that would grant it, and reaches no device`, () => {
      const host = new HostSide(devices, { grants: { fan: true } });
      host.call('edge:plugin/fan-controller getFanState');
      const before = devices.calls();
      attempt(host, name, args);
      assert.equal(devices.calls(), before, 'a device was called');
      assert.equal(host.refused, 1);
      assert.equal(host.warnings.length, 1);
      assert.ok(host.warnings[0]?.includes(`\`${line}\``), host.warnings[0]);
      host.call('edge:plugin/fan-controller getFanState');
      assert.equal(devices.calls(), before + 1, 'what is granted would have been seen');
    });
  }

  for (const [name, args, line] of MERGED) {
    it(`(${name}) is warned of with a line that keeps what was granted`, () => {
      const host = new HostSide(devices, { grants: BESIDE });
      attempt(host, name, args);
      assert.ok(host.warnings[0]?.includes(`\`${line}\``), host.warnings[0]);
      const toml = `[plugins.my_sensor.grants]\nfan = true\n${line}`;
      const { plugins } = parseHostConfig(toml, 'host.toml', { hostName: 'pi' });
      const again = new HostSide(devices, { grants: plugins.get('my_sensor')?.grants ?? {} });
      attempt(again, name, args);
      assert.deepEqual(again.warnings, [], 'the line lets it be called');
    });
  }

  it('is warned of with a line that lacks what the refusal at load gave as an example', () => {
    for (const [name, args, line] of AFTER_EXAMPLES) {
      const host = new HostSide(devices, { grants: EXAMPLES });
      attempt(host, name, args);
      assert.ok(host.warnings[0]?.includes(`\`${line}\``), host.warnings[0]);
    }
  });

  it('is warned of with a line that keeps an example which is used', () => {
    for (const [name, args, line, used] of AFTER_EXAMPLES) {
      const host = new HostSide(devices, { grants: EXAMPLES });
      attempt(host, name, used);
      attempt(host, name, args);
      const example = { i2c: '0x76', spi: '0.0', uart: '/dev/ttyAMA0', process_image: '_1' }[line.split(' ')[0] ?? ''];
      assert.ok(example !== undefined && host.warnings[0]?.includes(example), host.warnings[0]);
    }
  });

  it('is warned of without a line where that were too long for the log to show it whole', () => {
    const uart = Array.from({ length: 20 }, (_, i) => `/dev/serial/by-id/port-${i}`);
    const host = new HostSide(devices, { grants: { uart } });
    attempt(host, 'edge:plugin/uart write', ['/dev/ttyAMA0', BYTE]);
    assert.match(
      host.warnings[0] ?? '',
      /port "\/dev\/ttyAMA0" is not granted to my_sensor: add it to `uart` of \[plugins\.my_sensor\.grants\] in host\.toml/,
    );
  });

  it('leaves nothing in a port for the plugin that may read it', () => {
    const other = new HostSide(devices, { grants: { uart: ['/dev/ttyS9'] } });
    attempt(new HostSide(devices), 'edge:plugin/uart write', ['/dev/ttyS9', BYTE]);
    assert.deepEqual(other.call('edge:plugin/uart read', '/dev/ttyS9', 8, 0), new Uint8Array());
    other.call('edge:plugin/uart write', '/dev/ttyS9', BYTE);
    assert.deepEqual(other.call('edge:plugin/uart read', '/dev/ttyS9', 8, 0), BYTE);
  });

  it('is warned of once for each kind, however often and for whatever it is called, and counts every time', () => {
    const host = new HostSide(devices);
    for (let round = 0; round < 10; round += 1) {
      for (const [name, args] of REFUSED) attempt(host, name, args);
      attempt(host, 'edge:plugin/i2c transfer', [1, 0x10 + round, BYTE, 1]);
      attempt(host, 'edge:plugin/uart write', [`/dev/tty${round}`, BYTE]);
    }
    assert.equal(host.warnings.length, 7);
    assert.equal(host.refused, 10 * (REFUSED.length + 2));
  });

  it('counts at once, and a call that was granted does not', () => {
    const host = new HostSide(devices, { grants: { uart: ['/dev/ttyAMA0'] } });
    attempt(host, 'edge:plugin/uart write', ['/dev/ttyAMA1', BYTE]);
    host.call('edge:plugin/uart write', '/dev/ttyAMA0', BYTE);
    assert.equal(host.refused, 1);
    host.call('edge:plugin/uart read', '/dev/ttyAMA0', 8, 0);
    assert.equal(host.refused, 1);
  });

  it('that fails for another reason is no refusal', () => {
    const host = new HostSide(devices, { grants: { i2c: [{ bus: 1, address: 0x3c }] } });
    attempt(host, 'edge:plugin/i2c transfer', [1, 0x3c, BYTE, 1]);
    attempt(host, 'edge:plugin/i2c transfer', [1, 0x3c, new Uint8Array(4_097), 1]);
    assert.equal(host.refused, 0);
    assert.deepEqual(host.warnings, []);
  });

  it('cannot write a line of host.toml of its own', () => {
    const host = new HostSide(devices);
    const port = '/dev/x"]\nbuzzer = true # \u202e';
    attempt(host, 'edge:plugin/uart write', [port, BYTE]);
    attempt(host, 'edge:plugin/process-image read', [`${port}${'y'.repeat(1_000)}`]);
    assert.ok(host.warnings[0]?.includes('`uart = ["/dev/x\\"]\\nbuzzer = true # \\u202e"]`'), host.warnings[0]);
    assert.ok(host.warnings.every((text) => !/[\n\u202e]/.test(text) && text.length < 500));
  });
});
