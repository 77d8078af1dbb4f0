import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readDht22Once } from '../../../src/hardware/linux/dht22-source';
import { scratchOf } from './scratch';

/** A GPIO in the device tree: phandle, number, flags, big-endian. */
function gpios(pin: number): Uint8Array {
  return Uint8Array.of(0, 0, 0, 7, 0, 0, 0, pin, 0, 0, 0, 0);
}

function device(number: number, pin: number | undefined, milliC: string, milliPercent: string) {
  const folder = `bus/iio/devices/iio:device${number}`;
  return {
    [`${folder}/name`]: `dht11@${(pin ?? 0).toString(16)}\n`,
    [`${folder}/in_temp_input`]: milliC,
    [`${folder}/in_humidityrelative_input`]: milliPercent,
    ...(pin === undefined ? {} : { [`${folder}/of_node/gpios`]: gpios(pin) }),
  };
}

const OTHER = { 'bus/iio/devices/iio:device0/name': 'bme680\n' };

/** What node-dht-sensor's `promises.read` would be, told by a file. */
function installed(read: string) {
  return {
    'node_modules/node-dht-sensor/package.json': '{"name": "node-dht-sensor", "main": "index.js"}',
    'node_modules/node-dht-sensor/index.js': `exports.promises = { read: async (type, pin) => { ${read} } };`,
  };
}

describe("a DHT22 by the kernel's driver", () => {
  it('is the one whose pin the device tree names, in milli-units', async (t) => {
    const { folder: sysDir } = await scratchOf(t, {
      ...OTHER,
      ...device(1, 17, '1000\n', '2000\n'),
      ...device(2, 4, '-12300\n', '99900\n'),
    });
    assert.deepEqual(await readDht22Once(4, { sysDir, moduleFolders: [] }), { temperature: -12.3, humidity: 99.9 });
    assert.deepEqual(await readDht22Once(17, { sysDir, moduleFolders: [] }), { temperature: 1, humidity: 2 });
  });

  it('is the only one there is where the device tree is hidden, and none where there are two', async (t) => {
    const sys = await scratchOf(t, { ...OTHER, ...device(1, undefined, '21500', '40300') });
    const places = { sysDir: sys.folder, moduleFolders: [] };
    assert.deepEqual(await readDht22Once(4, places), { temperature: 21.5, humidity: 40.3 });
    for (const [path, text] of Object.entries(device(2, undefined, '1', '1'))) await sys.write(path, text);
    await assert.rejects(readDht22Once(4, places), { code: 'HARDWARE_MISSING' });
  });

  it('is missing at any other pin, and the line for config.txt is named', async (t) => {
    const { folder: sysDir } = await scratchOf(t, device(1, 17, '1', '1'));
    for (const dir of [sysDir, `${sysDir}/absent`]) {
      await assert.rejects(readDht22Once(4, { sysDir: dir, moduleFolders: [] }), {
        code: 'HARDWARE_MISSING',
        message: /add dtoverlay=dht11,gpiopin=4 to \/boot\/firmware\/config\.txt/,
      });
    }
  });

  it('that says what it cannot measure, or no number, is an I/O error', async (t) => {
    const sys = await scratchOf(t, device(1, 4, '1800000', '1'));
    const places = { sysDir: sys.folder, moduleFolders: [] };
    await assert.rejects(readDht22Once(4, places), { code: 'HARDWARE_IO', message: /1800 °C.*cannot measure/ });
    await sys.write('bus/iio/devices/iio:device1/in_temp_input', '');
    await assert.rejects(readDht22Once(4, places), { code: 'HARDWARE_IO', message: /no number/ });
  });
});

describe('a DHT22 by node-dht-sensor', () => {
  it("is read where the user installed it and the kernel has no driver, with the sensor's type and pin", async (t) => {
    const user = await scratchOf(t, installed('return { temperature: type, humidity: pin };'));
    const places = { sysDir: '/nonexistent', moduleFolders: ['/nonexistent', user.folder] };
    assert.deepEqual(await readDht22Once(4, places), { temperature: 22, humidity: 4 });
  });

  it("gives way to the kernel's driver", async (t) => {
    const user = await scratchOf(t, installed('return { temperature: 1, humidity: 1 };'));
    const { folder: sysDir } = await scratchOf(t, device(1, 4, '2000', '2000'));
    const measured = await readDht22Once(4, { sysDir, moduleFolders: [user.folder] });
    assert.equal(measured.temperature, 2);
  });

  it('that fails, or gives nonsense, is an I/O error that says what it said', async (t) => {
    const failing = await scratchOf(t, installed('throw new Error("failed to initialize");'));
    await assert.rejects(readDht22Once(4, { sysDir: '/nonexistent', moduleFolders: [failing.folder] }), {
      code: 'HARDWARE_IO',
      message: /failed to initialize.*needs root/,
    });
    const strange = await scratchOf(t, installed('return { temperature: "warm" };'));
    await assert.rejects(readDht22Once(4, { sysDir: '/nonexistent', moduleFolders: [strange.folder] }), {
      code: 'HARDWARE_IO',
      message: /no temperature and humidity/,
    });
  });

  it('that does not load says how to mend it', async (t) => {
    const broken = await scratchOf(t, {
      ...installed(''),
      'node_modules/node-dht-sensor/index.js': 'throw new Error("wrong ELF class")',
    });
    await assert.rejects(readDht22Once(4, { sysDir: '/nonexistent', moduleFolders: [broken.folder] }), {
      code: 'HARDWARE_MISSING',
      message: /does not load \(wrong ELF class\).*npm rebuild node-dht-sensor/,
    });
  });
});
