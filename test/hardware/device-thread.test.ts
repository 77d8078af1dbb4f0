import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { callLimitMs, type DeviceRequest } from '../../src/hardware/device-channel';
import { type DeviceThread, type DeviceThreadOptions, openDeviceThread } from '../../src/hardware/device-thread';
import type { DeviceArguments, DeviceMethod, HardwareChoice, SimulationSettings } from '../../src/hardware/hardware';
import type { DeviceNotice } from '../../src/hardware/notices';
import { promise } from '../support/promise';
import { eventually } from '../support/until';
import { settingsWith, steady } from './settings';

const SIMULATED: HardwareChoice = { kind: 'simulated', because: 'a test' };
const STRANGE: DeviceThreadOptions = {
  script: join(__dirname, 'fixtures', 'strange-device-thread.js'),
  plan: (deathsBefore) => ({ deaths: deathsBefore + 1, delayMs: 1 }),
};

async function open(t: TestContext, options: DeviceThreadOptions = {}, simulation: Partial<SimulationSettings> = {}) {
  const devices = await openDeviceThread(SIMULATED, settingsWith(simulation), options);
  t.after(() => devices.close());
  return devices;
}

/** Calls as `served-devices.ts` makes them for one guest. */
function connect(devices: DeviceThread) {
  const caller = devices.callerFor();
  return {
    call: <M extends DeviceMethod>(method: M, ...args: DeviceArguments<M>): Promise<unknown> =>
      caller.call(method, args),
    read: caller.read,
  };
}

/** Asks until the restarted thread answers. */
async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  const [answer] = await eventually(async () => [await ask()] as const);
  return answer;
}

describe('the devices, asked by the runtime', () => {
  promise('answer from their own thread', async (t) => {
    const devices = await open(t, {}, { cpuTemperature: steady(55) });
    assert.equal(await devices.call('cpuTemperature'), 55);
    await devices.call('setFan', true);
    assert.equal(await devices.call('fanState'), true);
    assert.deepEqual(await devices.call('i2cTransfer', 1, 0x77, Uint8Array.of(0xd0), 1), Uint8Array.of(0x61));
  });

  promise('fail with the code and the words of the backend', async (t) => {
    const devices = await open(t);
    await assert.rejects(devices.call('readDht22', 9), {
      name: 'WasiError',
      code: 'HARDWARE_MISSING',
      message: /GPIO 9/,
    });
  });

  promise('say by themselves what the log should know', async (t) => {
    const said: string[] = [];
    const onNotice = ({ level, text }: DeviceNotice) => void said.push(`${level}: ${text}`);
    await open(t, { ...STRANGE, onNotice }, { seed: 17 });
    assert.deepEqual(said, ['warn: the supply is weak']);
  });

  promise('of a RevPi open on any machine, and say what is missing where it is asked for', async (t) => {
    const devices = await openDeviceThread({ kind: 'revpi', model: 'RevPi Connect 4' }, settingsWith());
    t.after(() => devices.close());
    await assert.rejects(devices.call('readDht22', 4), { code: 'HARDWARE_MISSING', message: /no GPIO header/ });
    await assert.rejects(devices.call('processImageRead', 'Tank_Level'), {
      code: 'HARDWARE_MISSING',
      message: /piControl0, ENOENT/,
    });
  });

  promise('do not open where the backend does not, for its reason', async () => {
    await assert.rejects(openDeviceThread(SIMULATED, settingsWith({ seed: 19 }), STRANGE), {
      code: 'HARDWARE_IO',
      message: /it does not open/,
    });
  });

  promise('do not open when their thread cannot start', async () => {
    await assert.rejects(
      openDeviceThread(SIMULATED, settingsWith(), { ...STRANGE, script: join(__dirname, 'absent.js') }),
    );
  });
});

describe('the simulated world, asked of the devices', () => {
  promise('is changed in their thread', async (t) => {
    const devices = await open(t);
    const { values, fanOn } = await devices.call('simulate', { simulation: { cpuTemperature: steady(70) }, fan: true });
    assert.deepEqual([values.cpuTemperature, fanOn], [70, true]);
    assert.equal(await devices.call('cpuTemperature'), 70);
  });

  for (const kind of ['raspberry-pi', 'revpi'] as const) {
    promise(`is not there on a ${kind}`, async (t) => {
      const devices = await openDeviceThread({ kind, model: 'a test' }, settingsWith());
      t.after(() => devices.close());
      await assert.rejects(devices.call('simulate', { simulation: {} }), { code: 'HARDWARE_MISSING' });
    });
  }
});

describe('the devices, asked for a guest', () => {
  promise('answer as they answer the runtime', async (t) => {
    const devices = await open(t, {}, { dht22Temperature: steady(31) });
    const guest = connect(devices);
    assert.deepEqual(await guest.call('readDht22', 4), { temperature: 31, humidity: 45 });
    await assert.rejects(guest.call('readDht22', 9), { code: 'HARDWARE_MISSING', message: /GPIO 9/ });
    assert.deepEqual(await guest.call('spiTransfer', 0, 0, Uint8Array.of(1, 2)), Uint8Array.of(1, 2));
  });

  promise('keep nobody waiting but those who asked for the slow one', async (t) => {
    const devices = await open(t, STRANGE);
    const patient = connect(devices);
    const held = patient.call('uartRead', 'held', 8, 0);
    await devices.call('uartSetBaud', 'held', 9_600);
    const other = connect(devices);
    assert.equal(await other.call('cpuTemperature'), 48);
    assert.equal(await devices.call('cpuTemperature'), 48);
    await devices.call('uartWrite', 'held', Uint8Array.of(7));
    assert.deepEqual(await held, Uint8Array.of(7));
  });

  promise('end a call at its limit with HARDWARE_IO, and its late answer is given to no later call', async (t) => {
    const limitMs = ({ method }: DeviceRequest) => (method === 'uartRead' ? 500 : 60_000);
    const devices = await open(t, { ...STRANGE, limitMs });
    const guest = connect(devices);
    await assert.rejects(guest.call('uartRead', 'held', 8, 0), {
      code: 'HARDWARE_IO',
      message: /uartRead was not answered within 500 ms/,
    });
    await assert.rejects(guest.call('cpuTemperature'), { code: 'HARDWARE_IO', message: /still serve uartRead/ });
    await devices.call('uartWrite', 'held', Uint8Array.of(7));
    assert.equal(await guest.call('cpuTemperature'), 48);
  });

  promise('give a read that waits for data that time on top', async () => {
    assert.equal(callLimitMs({ call: 1, method: 'uartRead', args: ['p', 8, 10_000] }), 14_500);
    assert.equal(callLimitMs({ call: 1, method: 'i2cTransfer', args: [1, 0x77, Uint8Array.of(1), 4_000] }), 4_500);
  });

  promise('serve each guest one call at a time, and the runtime any number', async (t) => {
    const devices = await open(t, STRANGE);
    const [one, other] = [connect(devices), connect(devices)];
    const held = one.call('uartRead', 'held', 8, 0);
    const refused = { code: 'HARDWARE_IO', message: /the devices still serve uartRead of this plugin/ };
    await assert.rejects(one.call('setFan', true), refused);
    await assert.rejects(one.call('cpuTemperature'), refused);
    assert.equal(await other.call('fanState'), false, 'what was refused reached the fan');
    const ofRuntime = [devices.call('uartRead', 'held', 8, 0), devices.call('uartRead', 'held', 8, 0)];
    await devices.call('uartSetBaud', 'held', 9_600);
    await devices.call('uartWrite', 'held', Uint8Array.of(7));
    assert.deepEqual(
      await Promise.all([held, ...ofRuntime]),
      [7, 7, 7].map((byte) => Uint8Array.of(byte)),
    );
    assert.equal(await one.call('cpuTemperature'), 48);
  });

  promise('serve a guest again after a call of it that failed', async (t) => {
    const devices = await open(t);
    const guest = connect(devices);
    for (let call = 0; call < 2; call += 1)
      await assert.rejects(guest.call('readDht22', 9), { code: 'HARDWARE_MISSING', message: /GPIO 9/ });
    assert.equal(await guest.call('cpuTemperature'), 48);
  });
});

describe('a device thread that dies', () => {
  promise('fails the calls it had with HARDWARE_IO, at once', async (t) => {
    const devices = await open(t, STRANGE);
    const guest = connect(devices);
    await guest.call('cpuTemperature');
    const failures = Promise.all([
      assert.rejects(devices.call('uartRead', 'hangs', 8, 0), { code: 'HARDWARE_IO', message: /being restarted/ }),
      assert.rejects(guest.call('uartWrite', 'dies', Uint8Array.of(1)), {
        code: 'HARDWARE_IO',
        message: /being restarted/,
      }),
    ]);
    await failures;
  });

  promise('is restarted, and the guests that were connected find the new one', async (t) => {
    const told: string[] = [];
    const devices = await open(t, { ...STRANGE, onDeath: (text) => told.push(text) });
    const guest = connect(devices);
    for (let life = 1; life <= 2; life += 1) {
      await assert.rejects(devices.call('uartWrite', 'dies', Uint8Array.of(1)), { code: 'HARDWARE_IO' });
      assert.equal(told.length, life);
      assert.equal(await untilAnswered(() => devices.call('cpuTemperature')), 48);
      assert.equal(await untilAnswered(() => guest.call('cpuTemperature')), 48);
    }
    assert.match(told[0] ?? '', /ended with code 3.*started again in 1 ms/);
  });

  promise('is restarted with the world as it was changed meanwhile', async (t) => {
    const devices = await open(t, STRANGE);
    devices.remember(settingsWith({ cpuTemperature: steady(70) }));
    await assert.rejects(devices.call('uartWrite', 'dies', Uint8Array.of(1)), { code: 'HARDWARE_IO' });
    assert.equal(await untilAnswered(() => devices.call('cpuTemperature')), 70);
  });

  promise('connects guests that start before it is back', async (t) => {
    const devices = await open(t, STRANGE);
    await assert.rejects(devices.call('uartWrite', 'dies', Uint8Array.of(1)), { code: 'HARDWARE_IO' });
    const guest = connect(devices);
    assert.equal(await untilAnswered(() => guest.call('cpuTemperature')), 48);
  });
});

describe('devices that are opened anew', () => {
  promise('have the new settings, and the guests that were connected find them', async (t) => {
    const devices = await open(t, {}, { cpuTemperature: steady(40) });
    const guest = connect(devices);
    assert.equal(await guest.call('cpuTemperature'), 40);
    await devices.call('setFan', true);
    await devices.reopen(settingsWith({ cpuTemperature: steady(50) }));
    assert.equal(await devices.call('cpuTemperature'), 50);
    assert.equal(await devices.call('fanState'), false);
    assert.equal(await guest.call('cpuTemperature'), 50);
  });

  promise('are those of the next start where the thread had died', async (t) => {
    const devices = await open(t, STRANGE);
    await assert.rejects(devices.call('uartWrite', 'dies', Uint8Array.of(1)), { code: 'HARDWARE_IO' });
    await devices.reopen(settingsWith({ cpuTemperature: steady(51) }));
    assert.equal(await untilAnswered(() => devices.call('cpuTemperature')), 51);
  });

  promise('fail the calls under way, and none is left waiting', async (t) => {
    const devices = await open(t, STRANGE);
    const pending = assert.rejects(devices.call('uartRead', 'hangs', 8, 0), { code: 'HARDWARE_IO' });
    await devices.reopen(settingsWith());
    await pending;
    assert.equal(await devices.call('cpuTemperature'), 48);
  });

  promise('stay closed when they are closed meanwhile', async (t) => {
    const devices = await open(t);
    const reopened = devices.reopen(settingsWith());
    await devices.close();
    await reopened;
    await assert.rejects(devices.call('cpuTemperature'), { code: 'RUNTIME_CLOSED' });
    await devices.reopen(settingsWith());
    await assert.rejects(devices.call('cpuTemperature'), { code: 'RUNTIME_CLOSED' });
  });
});

describe('devices that are closed while they are opened anew', () => {
  promise('are put to rest all the same, so that no relay stays on', async () => {
    const told: string[] = [];
    const devices = await openDeviceThread(SIMULATED, settingsWith({ seed: 23 }), {
      ...STRANGE,
      onNotice: ({ text }) => told.push(text),
    });
    const reopened = devices.reopen(settingsWith());
    await devices.close();
    await reopened;
    assert.deepEqual(told, ['it is at rest']);
  });
});

describe('closed devices', () => {
  promise('answer nobody any more, and closing again changes nothing', async (t) => {
    const devices = await open(t, STRANGE);
    const guest = connect(devices);
    await guest.call('cpuTemperature');
    const pending = assert.rejects(devices.call('uartRead', 'hangs', 8, 0), { code: 'RUNTIME_CLOSED' });
    const ofGuest = assert.rejects(guest.call('uartRead', 'hangs', 8, 0), { code: 'RUNTIME_CLOSED' });
    await Promise.all([devices.close(), devices.close()]);
    await Promise.all([pending, ofGuest]);
    await assert.rejects(devices.call('cpuTemperature'), { code: 'RUNTIME_CLOSED' });
    await assert.rejects(guest.call('cpuTemperature'), { code: 'RUNTIME_CLOSED' });
    await assert.rejects(connect(devices).call('cpuTemperature'), { code: 'RUNTIME_CLOSED' });
  });

  promise('are ended even when their backend does not want to', async () => {
    const devices = await openDeviceThread(SIMULATED, settingsWith({ seed: 13 }), STRANGE);
    await devices.close();
    await assert.rejects(devices.call('cpuTemperature'), { code: 'RUNTIME_CLOSED' });
  });

  promise('do not come back when they are closed while waiting to be restarted', async () => {
    const told: string[] = [];
    const devices = await openDeviceThread(SIMULATED, settingsWith(), {
      ...STRANGE,
      onDeath: (text) => told.push(text),
    });
    await assert.rejects(devices.call('uartWrite', 'dies', Uint8Array.of(1)), { code: 'HARDWARE_IO' });
    await devices.close();
    await delay(5);
    await assert.rejects(devices.call('cpuTemperature'), { code: 'RUNTIME_CLOSED' });
    assert.equal(told.length, 1);
  });
});
