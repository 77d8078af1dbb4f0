/** `edge-wasi doctor` on the files and devices of a real kernel; what goes through koffi is left out where that is not there. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { afterEach, before, describe, it } from 'node:test';
import { systemProbes } from '../../../src/doctor/probes';
import { GpioSim } from './gpio-sim';
import { i2cWire, WIRE_BUS } from './i2c-wire';
import { ThermalZone } from './thermal-zone';

const COMMAND = require.resolve('../../../src/command/command.js');
const USER_DIR = '/tmp/doctor';
const LIMIT_MS = 30_000;
const UNTRIED = whyUntried();
const WITHOUT_CALLS = UNTRIED === undefined ? {} : { skip: UNTRIED };

interface Found {
  readonly id: string;
  readonly kind: string;
  readonly says: string;
}

/** Ends with 1 where anything is missing, which here always is: the machine has neither groups nor config.txt. */
function doctor(): ReadonlyMap<string, Found> {
  const args = [COMMAND, 'doctor', '--json', '--user-dir', USER_DIR];
  const script = `"$@" || test $? -eq 1`;
  const stdout = execFileSync('sh', ['-c', script, 'sh', process.execPath, ...args], { timeout: LIMIT_MS });
  const report: { readonly checks: readonly Found[] } = JSON.parse(stdout.toString('utf8'));
  return new Map(report.checks.map((check) => [check.id, check]));
}

/** Why what the kernel tells through koffi cannot be tried. */
function whyUntried(): string | undefined {
  const koffi = systemProbes.koffi();
  return koffi.kind === 'unusable' ? `koffi does not load: ${koffi.reason}` : undefined;
}

afterEach(() => i2cWire.reset());

describe('edge-wasi doctor on a real kernel', () => {
  before(() => mkdirSync(`${USER_DIR}/wasi`, { recursive: true }));

  it('finds board, kernel, DHT22, bus, strip and temperature', async (t) => {
    const zone = await ThermalZone.add(48_200);
    t.after(() => zone.remove());
    const found = doctor();
    for (const id of ['dht22-gpio4', `i2c-${WIRE_BUS}`, 'strip', 'cpu-temperature', 'user-directory'])
      assert.equal(found.get(id)?.kind, 'ok', `${id}: ${found.get(id)?.says}`);
    assert.equal(found.get('board')?.says, 'Raspberry Pi 4 Model B Rev 1.5');
    assert.match(found.get('system')?.says ?? '', /, Linux \d+\.\d+/);
    assert.equal(found.get('cpu-temperature')?.says, '48.2 °C');
  });

  it('misses a DHT22 at a pin where the kernel has none', (t) => {
    const toml = `${USER_DIR}/wasi/host.toml`;
    writeFileSync(toml, '[sensors.dht22]\ngpio_pin = 22\n');
    t.after(() => writeFileSync(toml, ''));
    assert.equal(doctor().get('dht22-gpio22')?.kind, 'missing');
  });

  it('tells a BME680 from silence and from its relatives', WITHOUT_CALLS, () => {
    assert.match(doctor().get('bme680')?.says ?? '', /^nothing answers at 0x77 of bus 1/);
    i2cWire.setChip(0x77, 'answers');
    i2cWire.setRegisters(0x77, 0xd0, Uint8Array.of(0x60));
    assert.match(doctor().get('bme680')?.says ?? '', /is a BME280/);
    i2cWire.setRegisters(0x77, 0xd0, Uint8Array.of(0x61));
    const before = i2cWire.transfers();
    assert.equal(doctor().get('bme680')?.kind, 'ok');
    assert.equal(i2cWire.transfers() - before, 2, 'a start and a repeated one');
  });

  it('finds the controller of the header by its label', WITHOUT_CALLS, (t) => {
    assert.equal(doctor().get('gpio')?.kind, 'missing');
    const chip = new GpioSim('pinctrl-bcm2711', 58);
    t.after(() => chip.unplug());
    assert.match(doctor().get('gpio')?.says ?? '', new RegExp(`^${chip.chip} is pinctrl-bcm2711`));
  });
});
