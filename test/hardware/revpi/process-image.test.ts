/** Variables by name over a file in the place of /dev/piControl0, whose ioctls are answered as the driver answers them. */
import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseConfigRsc } from '../../../src/hardware/revpi/config-rsc';
import { CONFIG_RSC, fakeRevPi } from './fake-picontrol';

const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;
const TANK_LEVEL = 13;
const VALVE = 33;
const DIO_INPUTS = 102;
const DIO_OUTPUTS = 172;

describe('a variable of the process image', () => {
  it('is read at its place, little-endian, with its sign', async (t) => {
    const { hardware, driver } = await fakeRevPi(t);
    driver.poke(TANK_LEVEL, 0xe0, 0x2e);
    assert.deepEqual(await hardware.processImageRead('Tank_Level'), { tag: 'signed', val: 12_000 });
    driver.poke(TANK_LEVEL, 0x9c, 0xff);
    assert.deepEqual(await hardware.processImageRead('Tank_Level'), { tag: 'signed', val: -100 });
    driver.poke(DIO_INPUTS + 6, 0x01, 0x02, 0x03, 0xff);
    assert.deepEqual(await hardware.processImageRead('Counter_1'), { tag: 'unsigned', val: 0xff03_0201 });
    driver.poke(TANK_LEVEL + 8, 0x81);
    assert.deepEqual(await hardware.processImageRead('InputStatus_1'), { tag: 'unsigned', val: 0x81 });
    driver.poke(DIO_INPUTS, 0x01, 0x02);
    assert.deepEqual(await hardware.processImageRead('Pump_Running'), { tag: 'bit', val: true });
    assert.deepEqual(await hardware.processImageRead('I_2'), { tag: 'bit', val: false });
    assert.deepEqual(await hardware.processImageRead('I_10'), { tag: 'bit', val: true });
  });

  it('is written at its place, and nothing beside it', async (t) => {
    const { hardware, driver } = await fakeRevPi(t);
    driver.poke(VALVE - 1, 7, 7, 7, 7);
    await hardware.processImageWrite('Valve_Position', { tag: 'signed', val: -2 });
    assert.deepEqual([...driver.image().subarray(VALVE - 1, VALVE + 3)], [7, 0xfe, 0xff, 7]);
    await hardware.processImageWrite('PWM_2', { tag: 'unsigned', val: 255 });
    await hardware.processImageWrite('Batch', { tag: 'unsigned', val: 0xfedc_ba98 });
    assert.deepEqual([...driver.image().subarray(DIO_OUTPUTS + 2, DIO_OUTPUTS + 5)], [0, 255, 0]);
    assert.deepEqual([...driver.image().subarray(219, 224)], [0x98, 0xba, 0xdc, 0xfe, 0]);
    assert.deepEqual(await hardware.processImageRead('Batch'), { tag: 'unsigned', val: 0xfedc_ba98 });
  });

  it('of one bit is set by the driver, which leaves the other bits of its byte alone', async (t) => {
    const { hardware, driver } = await fakeRevPi(t);
    driver.poke(DIO_OUTPUTS, 0b1010_0000, 0b0001_0000);
    await hardware.processImageWrite('Pump', { tag: 'bit', val: true });
    await hardware.processImageWrite('Alarm', { tag: 'bit', val: true });
    await hardware.processImageWrite('O_6', { tag: 'bit', val: false });
    assert.deepEqual([...driver.image().subarray(DIO_OUTPUTS, DIO_OUTPUTS + 2)], [0b1000_0001, 0b0001_0010]);
    assert.equal(driver.bitsSet, 3);
  });

  it('takes no value that it cannot hold', async (t) => {
    const { hardware, driver } = await fakeRevPi(t);
    for (const [name, value, why] of [
      ['Valve_Position', { tag: 'signed', val: 32_768 }, /signed 32768 does not fit Valve_Position: .*-32768 to 32767/],
      ['Valve_Position', { tag: 'unsigned', val: 1 }, /it is signed/],
      ['PWM_1', { tag: 'unsigned', val: 256 }, /8 bits: 0 to 255/],
      ['PWM_1', { tag: 'bit', val: true }, /it is unsigned/],
      ['Batch', { tag: 'signed', val: 1 }, /it is unsigned/],
      ['Pump', { tag: 'unsigned', val: 1 }, /it is one bit/],
    ] as const) {
      await assert.rejects(hardware.processImageWrite(name, value), { code: 'HARDWARE_IO', message: why });
    }
    assert.ok(driver.image().every((byte) => byte === 0));
  });

  it('is not written unless it is an output, and the refusal names it', async (t) => {
    const { hardware, driver } = await fakeRevPi(t);
    await assert.rejects(hardware.processImageWrite('Tank_Level', { tag: 'signed', val: 1 }), {
      code: 'HARDWARE_IO',
      message: /Tank_Level is an input of RevPi AIO and cannot be written/,
    });
    await assert.rejects(hardware.processImageWrite('Input1Range', { tag: 'unsigned', val: 1 }), {
      message: /Input1Range is a setting of RevPi AIO/,
    });
    assert.ok(driver.image().every((byte) => byte === 0));
  });

  it('that is not configured is missing, with the names that were meant', async (t) => {
    const { hardware } = await fakeRevPi(t);
    await assert.rejects(hardware.processImageRead('Tank_Levl'), {
      code: 'HARDWARE_MISSING',
      message: /no variable Tank_Levl: did you mean Tank_Level/,
    });
    await assert.rejects(hardware.processImageRead('zzzzzzzz'), { message: /capitals included/ });
  });

  it('is listed in the order of the image', async (t) => {
    const names = await (await fakeRevPi(t)).hardware.processImageNames();
    assert.deepEqual(names.slice(0, 3), ['RevPiStatus', 'RevPiIOCycle', 'RS485ErrorCnt']);
    assert.deepEqual(names.slice(-2), ['Recipe', 'Batch']);
    assert.equal(names.indexOf('Alarm') - names.indexOf('Pump'), 9);
  });
});

describe('a fault of driver or module', () => {
  it('is an I/O error and no value: the PiBridge stopped, the driver failed', async (t) => {
    const { hardware, driver } = await fakeRevPi(t);
    driver.fault = 'EAGAIN';
    await assert.rejects(hardware.processImageRead('Tank_Level'), {
      code: 'HARDWARE_IO',
      message: /PiBridge does not run.*piTest -x/,
    });
    driver.fault = 'EIO';
    await assert.rejects(hardware.processImageWrite('Pump', { tag: 'bit', val: true }), {
      code: 'HARDWARE_IO',
      message: /piControl failed.*EIO/,
    });
    driver.fault = 'ENOTTY';
    await assert.rejects(hardware.processImageRead('Pump'), { code: 'HARDWARE_IO', message: /is not the driver/ });
    driver.fault = undefined;
    assert.deepEqual(await hardware.processImageRead('Tank_Level'), { tag: 'signed', val: 0 });
  });

  it('is an I/O error of the variables of an offline module alone, which is named', async (t) => {
    const { hardware, driver } = await fakeRevPi(t);
    const [, aio, dio, virtual] = driver.modules;
    assert.ok(aio && dio && virtual);
    aio.state = 0;
    await assert.rejects(hardware.processImageRead('Tank_Level'), {
      code: 'HARDWARE_IO',
      message: /RevPi AIO \(position 32\) is offline, so Tank_Level has no value/,
    });
    dio.active = 0;
    await assert.rejects(hardware.processImageWrite('Pump', { tag: 'bit', val: true }), {
      message: /RevPi DIO .*offline/,
    });
    assert.equal(driver.bitsSet, 0);
    assert.equal((await hardware.processImageRead('Recipe')).val, 0, 'a virtual module has no state');
    assert.equal((await hardware.processImageRead('RevPiStatus')).val, 0);
    driver.modules.splice(1, 1);
    await assert.rejects(hardware.processImageRead('Tank_Level'), { message: /offline/ });
  });

  it('is said once of a driver that is absent, or that may not be opened', async (t) => {
    const { hardware, scratch, said } = await fakeRevPi(t);
    await scratch.remove('dev/piControl0');
    for (let tries = 0; tries < 2; tries += 1) {
      await assert.rejects(hardware.processImageRead('Tank_Level'), {
        code: 'HARDWARE_MISSING',
        message: /process image is not there .*piControl0, ENOENT.*modprobe piControl/,
      });
    }
    assert.equal(said.length, 1);
    await scratch.write('dev/piControl0', new Uint8Array(4_096));
    await hardware.processImageRead('Tank_Level');
    assert.match(said[1] ?? '', /^info: the process image: works again/);
  });
});

describe("PiCtory's configuration on a running RevPi", () => {
  const moved = CONFIG_RSC.replaceAll('"Tank_Level"', '"Silo_Level"').replace('"offset": 215', '"offset": 315');

  it('is taken over when file and driver have changed', async (t) => {
    const { hardware, driver, scratch } = await fakeRevPi(t);
    driver.poke(TANK_LEVEL, 5, 0);
    assert.equal((await hardware.processImageRead('Tank_Level')).val, 5);
    await scratch.write('config.rsc', moved);
    driver.known = parseConfigRsc(moved).variables;
    assert.equal((await hardware.processImageRead('Silo_Level')).val, 5);
    await assert.rejects(hardware.processImageRead('Tank_Level'), { message: /did you mean Silo_Level/ });
    await hardware.processImageWrite('Batch', { tag: 'unsigned', val: 9 });
    assert.deepEqual([driver.image()[219], driver.image()[319]], [0, 9]);
  });

  it('is not used while the driver still has the one before: nothing is written anywhere', async (t) => {
    const { hardware, driver, scratch } = await fakeRevPi(t);
    await scratch.write('config.rsc', moved);
    const notReset = { code: 'HARDWARE_IO', message: /driver still uses the one before.*Reset Driver.*piTest -x/ };
    await assert.rejects(hardware.processImageWrite('Batch', { tag: 'unsigned', val: 9 }), notReset);
    await assert.rejects(hardware.processImageRead('Silo_Level'), notReset);
    assert.ok(driver.image().every((byte) => byte === 0));
    assert.equal((await hardware.processImageRead('Counter_1')).val, 0, 'what did not move works on');
  });

  it('is not needed: the driver and its list of modules say the same, direction and sign included', async (t) => {
    const { hardware, driver, scratch } = await fakeRevPi(t);
    await scratch.remove('config.rsc');
    driver.poke(TANK_LEVEL, 0x9c, 0xff);
    assert.deepEqual(await hardware.processImageRead('Tank_Level'), { tag: 'signed', val: -100 });
    assert.deepEqual(await hardware.processImageRead('Counter_1'), { tag: 'unsigned', val: 0 });
    await hardware.processImageWrite('Alarm', { tag: 'bit', val: true });
    assert.equal(driver.image()[DIO_OUTPUTS + 1], 0b10);
    await assert.rejects(hardware.processImageWrite('Tank_Level', { tag: 'signed', val: 1 }), {
      message: /is an input of/,
    });
    await assert.rejects(hardware.processImageRead('Input1Range'), { message: /no input and no output/ });
    await assert.rejects(hardware.processImageRead('Nowhere'), {
      code: 'HARDWARE_MISSING',
      message: /driver knows no variable Nowhere, and .*config\.rsc cannot be read \(ENOENT\)/,
    });
    await assert.rejects(hardware.processImageNames(), { code: 'HARDWARE_IO', message: /ENOENT/ });
  });

  it('that is being written is passed over for the driver until it is whole', async (t) => {
    const { hardware, scratch } = await fakeRevPi(t);
    await writeFile(join(scratch.folder, 'config.rsc'), CONFIG_RSC.slice(0, 2_000));
    assert.deepEqual(await hardware.processImageRead('Tank_Level'), { tag: 'signed', val: 0 });
    await assert.rejects(hardware.processImageNames(), { message: /config\.rsc cannot be read/ });
    await writeFile(join(scratch.folder, 'config.rsc'), CONFIG_RSC);
    assert.ok((await hardware.processImageNames()).includes('Tank_Level'));
  });

  it('that may not be read is read as soon as its rights are corrected', async (t) => {
    const { hardware, scratch } = await fakeRevPi(t);
    await chmod(scratch.folder, 0o755);
    await chmod(join(scratch.folder, 'config.rsc'), 0);
    if (isRoot) process.seteuid?.(NOBODY);
    try {
      await assert.rejects(hardware.processImageNames(), { message: /config\.rsc cannot be read \(EACCES/ });
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
    await chmod(join(scratch.folder, 'config.rsc'), 0o644);
    assert.ok((await hardware.processImageNames()).includes('Tank_Level'));
  });
});
