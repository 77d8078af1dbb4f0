import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HardwareSettings, SimulationSettings } from '../../../src/hardware/hardware';
import { SimulatedHardware } from '../../../src/hardware/simulated/simulated-hardware';
import { JumpingClock, ManualClock } from '../../support/manual-clock';
import { settingsWith, steady } from '../settings';

function hardwareWith(simulation: Partial<SimulationSettings> = {}, other: Partial<HardwareSettings> = {}) {
  const clock = new JumpingClock();
  return { clock, hardware: new SimulatedHardware(settingsWith(simulation, other), clock) };
}

describe('the simulated DHT22', () => {
  it('measures the world in steps of 0.1, below zero too', async () => {
    const { hardware } = hardwareWith({ dht22Temperature: steady(-7.26), dht22Humidity: steady(45.04) });
    assert.deepEqual(await hardware.readDht22(4), { temperature: -7.3, humidity: 45 });
  });

  it('stays within what the sensor can measure', async () => {
    const { hardware } = hardwareWith({ dht22Temperature: steady(200), dht22Humidity: steady(-5) });
    assert.deepEqual(await hardware.readDht22(4), { temperature: 80, humidity: 0 });
  });

  it('is HARDWARE_MISSING at another pin, and says at which it is', async () => {
    const { hardware } = hardwareWith();
    await assert.rejects(hardware.readDht22(5), {
      code: 'HARDWARE_MISSING',
      message: /GPIO 5: host\.toml has it at GPIO 4/,
    });
  });

  it('fails its checksum every time at a failure rate of 1', async () => {
    const { hardware } = hardwareWith({ dht22FailureRate: 1 });
    await assert.rejects(hardware.readDht22(4), { code: 'HARDWARE_IO', message: /checksum/ });
  });

  it('fails about as often as its failure rate says, the same times with the same seed', async () => {
    const failures = async () => {
      const { hardware, clock } = hardwareWith({ dht22FailureRate: 0.5 });
      const failed: number[] = [];
      for (let read = 0; read < 400; read += 1) {
        await hardware.readDht22(4).catch(() => failed.push(read));
        await clock.wait(3_000);
      }
      return failed;
    };
    const failed = await failures();
    assert.ok(failed.length > 70 && failed.length < 130, `a quarter fails twice in a row, not ${failed.length} of 400`);
    assert.deepEqual(await failures(), failed);
  });
});

describe('the simulated BME680', () => {
  it('measures the world through its registers', async () => {
    const { hardware } = hardwareWith();
    const { temperature, humidity, pressure, gasResistance } = await hardware.readBme680(1, 0x77);
    assert.ok(Math.abs(temperature - 23) < 0.1);
    assert.ok(Math.abs(humidity - 42) < 0.5);
    assert.ok(Math.abs(pressure - 1_013.25) < 0.5);
    assert.ok(Math.abs(gasResistance - 120) < 6);
  });

  it("answers a plugin's own I²C transfers with its chip id", async () => {
    const { hardware } = hardwareWith();
    assert.deepEqual(await hardware.i2cTransfer(1, 0x77, Uint8Array.of(0xd0), 1), Uint8Array.of(0x61));
  });

  it('is HARDWARE_MISSING at another address or bus, and says where it is', async () => {
    const { hardware } = hardwareWith();
    await assert.rejects(hardware.readBme680(1, 0x76), {
      code: 'HARDWARE_MISSING',
      message: /0x76 of bus 1: host\.toml has it at 0x77/,
    });
    await assert.rejects(hardware.readBme680(0, 0x77), { code: 'HARDWARE_MISSING' });
    await assert.rejects(hardware.i2cTransfer(1, 0x3d, Uint8Array.of(0), 1), {
      code: 'HARDWARE_MISSING',
      message: /ENXIO/,
    });
  });
});

describe('the simulated strip and relays', () => {
  it('keep what was written', async () => {
    const { hardware } = hardwareWith();
    const colors = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
    await hardware.writeLeds(colors);
    colors.fill(0);
    await hardware.setFan(true);
    assert.deepEqual(hardware.snapshot().leds, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9));
    assert.equal(await hardware.fanState(), true);
  });

  it('refuse colours for more or fewer LEDs than there are', async () => {
    const { hardware } = hardwareWith();
    await assert.rejects(hardware.writeLeds(new Uint8Array(6)), {
      code: 'HARDWARE_IO',
      message: /3 LEDs, but colours for 2/,
    });
  });

  it('show nothing when host.toml says there is no strip', async () => {
    const { hardware } = hardwareWith({}, { leds: { count: 1, brightness: 50, driver: 'none', onClose: 'dark' } });
    await hardware.writeLeds(Uint8Array.of(1, 2, 3));
    assert.deepEqual(hardware.snapshot().leds, new Uint8Array(3));
  });

  it('beep the pattern that was asked for, and return at once', async () => {
    const clock = new ManualClock();
    const hardware = new SimulatedHardware(settingsWith(), clock);
    await hardware.beep(2, 100, 50);
    const heard: boolean[] = [];
    for (let at = 0; at < 300; at += 50) {
      heard.push(hardware.snapshot().buzzerOn);
      await clock.advance(50);
    }
    assert.deepEqual(heard, [true, true, false, true, true, false]);
    assert.equal(clock.sleeping, 0);
  });

  it('let a newer pattern replace the one that plays', async () => {
    const clock = new ManualClock();
    const hardware = new SimulatedHardware(settingsWith(), clock);
    await hardware.beep(10, 1_000, 1_000);
    await hardware.beep(1, 100, 0);
    await clock.advance(100);
    assert.equal(hardware.snapshot().buzzerOn, false);
    assert.equal(clock.sleeping, 0);
  });

  it('are off, dark and silent once closed, with nothing left that runs', async () => {
    const clock = new ManualClock();
    const hardware = new SimulatedHardware(settingsWith(), clock);
    await hardware.writeLeds(new Uint8Array(9).fill(9));
    await hardware.setFan(true);
    await hardware.beep(10, 1_000, 1_000);
    const reading = hardware.uartRead('/dev/ttyAMA0', 8, 60_000);
    await hardware.close();
    await hardware.close();
    assert.deepEqual(hardware.snapshot(), { leds: new Uint8Array(9), buzzerOn: false, fanOn: false });
    assert.equal((await reading).length, 0);
    assert.equal(clock.sleeping, 0);
  });
});

describe('the simulated ports', () => {
  it('give back over SPI what was sent', async () => {
    const { hardware } = hardwareWith();
    assert.deepEqual(await hardware.spiTransfer(0, 0, Uint8Array.of(1, 2)), Uint8Array.of(1, 2));
  });

  it('give back over a serial port what was written to it, and to no other', async () => {
    const { hardware } = hardwareWith();
    assert.equal(await hardware.uartWrite('/dev/ttyAMA0', Uint8Array.of(1, 2, 3)), 3);
    assert.equal((await hardware.uartRead('/dev/ttyUSB0', 8, 10)).length, 0);
    assert.deepEqual(await hardware.uartRead('/dev/ttyAMA0', 2, 10), Uint8Array.of(1, 2));
    assert.deepEqual(await hardware.uartRead('/dev/ttyAMA0', 8, 10), Uint8Array.of(3));
  });

  it('end a serial read when data comes or its time is up, whichever is first', async () => {
    const clock = new ManualClock();
    const hardware = new SimulatedHardware(settingsWith(), clock);
    const early = hardware.uartRead('/dev/ttyAMA0', 8, 1_000);
    await hardware.uartWrite('/dev/ttyAMA0', Uint8Array.of(7));
    assert.deepEqual(await early, Uint8Array.of(7));
    const late = hardware.uartRead('/dev/ttyAMA0', 8, 1_000);
    await clock.advance(1_000);
    assert.equal((await late).length, 0);
  });

  it('take no more than a serial buffer holds, and say how much', async () => {
    const { hardware } = hardwareWith();
    assert.equal(await hardware.uartWrite('/dev/ttyAMA0', new Uint8Array(4_000)), 4_000);
    assert.equal(await hardware.uartWrite('/dev/ttyAMA0', new Uint8Array(4_000)), 96);
  });

  it('have no process image', async () => {
    const { hardware } = hardwareWith();
    await assert.rejects(hardware.processImageNames(), { code: 'HARDWARE_MISSING' });
    await assert.rejects(hardware.processImageRead(), { code: 'HARDWARE_MISSING' });
    await assert.rejects(hardware.processImageWrite(), { code: 'HARDWARE_MISSING' });
  });
});

describe('the simulated machine', () => {
  it("has the world's processor temperature and its own memory and uptime", async () => {
    const { hardware } = hardwareWith({ cpuTemperature: steady(61.5) });
    assert.equal(await hardware.cpuTemperature(), 61.5);
    const { usedMb, totalMb } = await hardware.memoryUsage();
    assert.ok(usedMb > 0 && usedMb < totalMb);
    assert.ok((await hardware.uptimeSeconds()) > 0);
  });
});
