/** Thermal zones and the firmware's word on supply and throttling, as files. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseThrottled, readThrottling } from '../../../src/hardware/linux/supply';
import { SupplyWatch } from '../../../src/hardware/linux/supply-watch';
import { readCpuTemperature } from '../../../src/hardware/linux/thermal';
import { Notices } from '../../../src/hardware/notices';
import { ManualClock } from '../../support/manual-clock';
import { until } from '../../support/until';
import { scratchOf } from './scratch';

const FIRMWARE = 'devices/platform/soc/soc:firmware/get_throttled';

describe("the processor's temperature", () => {
  it('is that of the zone cpu-thermal, wherever it is', async (t) => {
    const { folder } = await scratchOf(t, {
      'class/thermal/thermal_zone0/type': 'rp1-thermal\n',
      'class/thermal/thermal_zone0/temp': '1000\n',
      'class/thermal/thermal_zone10/type': 'cpu-thermal\n',
      'class/thermal/thermal_zone10/temp': '48312\n',
    });
    assert.equal(await readCpuTemperature(folder), 48.312);
  });

  it('is else that of the first zone', async (t) => {
    const { folder } = await scratchOf(t, {
      'class/thermal/thermal_zone10/temp': '1000\n',
      'class/thermal/thermal_zone2/temp': '-2500\n',
      'class/thermal/cooling_device0/type': 'fan\n',
    });
    assert.equal(await readCpuTemperature(folder), -2.5);
  });

  it('is missing where there is no zone, and an I/O error where it says no number', async (t) => {
    const sys = await scratchOf(t);
    await assert.rejects(readCpuTemperature(sys.folder), { code: 'HARDWARE_MISSING', message: /no thermal zone/ });
    await sys.write('class/thermal/thermal_zone0/temp', 'n/a');
    await assert.rejects(readCpuTemperature(sys.folder), { code: 'HARDWARE_IO', message: /"n\/a", no number/ });
    await sys.remove('class/thermal/thermal_zone0/temp');
    await assert.rejects(readCpuTemperature(sys.folder), { code: 'HARDWARE_IO' });
  });
});

describe("the firmware's word on throttling", () => {
  it('has a flag of now and one since the start for each cause', () => {
    const off = { now: false, sinceStart: false };
    // 0x50005: under-voltage and throttled, now and since the start.
    assert.deepEqual(parseThrottled(0x5_0005), {
      underVoltage: { now: true, sinceStart: true },
      frequencyCapped: off,
      throttled: { now: true, sinceStart: true },
      softTemperatureLimit: off,
    });
    assert.deepEqual(parseThrottled(0xa_0000), {
      underVoltage: off,
      frequencyCapped: { now: false, sinceStart: true },
      throttled: off,
      softTemperatureLimit: { now: false, sinceStart: true },
    });
  });

  it('is read in hexadecimal, on a Raspberry Pi 5 too', async (t) => {
    const pi4 = await scratchOf(t, { [FIRMWARE]: '50000\n' });
    assert.deepEqual((await readThrottling(pi4.folder))?.underVoltage, { now: false, sinceStart: true });
    const soc = 'soc@107c000000';
    const pi5 = await scratchOf(t, { [`devices/platform/${soc}/${soc}:firmware/get_throttled`]: '1\n' });
    assert.deepEqual((await readThrottling(pi5.folder))?.underVoltage, { now: true, sinceStart: false });
  });

  it('is left alone where hwmon says the same, since the kernel warns of reading it', async (t) => {
    const { folder } = await scratchOf(t, {
      [FIRMWARE]: '0\n',
      'class/hwmon/hwmon0/name': 'cpu_thermal\n',
      'class/hwmon/hwmon1/name': 'rpi_volt\n',
      'class/hwmon/hwmon1/in0_lcrit_alarm': '1\n',
    });
    assert.equal((await readThrottling(folder))?.underVoltage.now, true);
  });

  it('is unknown on any other machine', async (t) => {
    assert.equal(await readThrottling((await scratchOf(t)).folder), undefined);
    assert.equal(await readThrottling('/nonexistent'), undefined);
  });
});

describe('a supply that gets too weak', () => {
  it('is said once, and once more when it is well again', async (t) => {
    const sys = await scratchOf(t, { [FIRMWARE]: '0' });
    const clock = new ManualClock();
    const said: string[] = [];
    const watch = new SupplyWatch(sys.folder, new Notices(({ level, text }) => said.push(`${level}: ${text}`)), clock);
    watch.start();
    t.after(() => watch.close());
    const look = async (word: string) => {
      await until(() => clock.sleeping > 0);
      await sys.write(FIRMWARE, word);
      await clock.advance(10_000);
      await until(() => clock.sleeping > 0);
    };
    await look('0');
    assert.deepEqual(said, []);
    await look('50005');
    await look('50005');
    await look('50000');
    await look('50000');
    assert.equal(said.length, 2);
    assert.match(said[0] ?? '', /^warn: .*under-voltage.*stronger power supply/);
    assert.match(said[1] ?? '', /^info: .*high enough again/);
  });

  it('is not looked for on a machine that does not say', async () => {
    const clock = new ManualClock();
    const watch = new SupplyWatch('/nonexistent', new Notices(() => undefined), clock);
    watch.start();
    await watch.close();
    assert.equal(clock.sleeping, 0);
  });
});
