/** PiCtory's file as it comes from a RevPi Connect 4 with an AIO and a DIO, and as it should not come. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfigRsc } from '../../../src/hardware/revpi/config-rsc';
import { CONFIG_RSC } from './fake-picontrol';

const { variables, base } = parseConfigRsc(CONFIG_RSC);

function placeOf(name: string) {
  const found = variables.get(name);
  assert.ok(found, name);
  const { address, bit, bits, direction, signed } = found;
  return { address, bit, bits, direction, signed };
}

function rsc(...devices: object[]): string {
  return JSON.stringify({ Devices: devices });
}

const MODULE = { type: 'LEFT_RIGHT', productType: '96', position: '32', name: 'DIO', offset: 10, out: {}, mem: {} };

describe("PiCtory's configuration", () => {
  it('has each variable at the offset of its module plus its own', () => {
    assert.deepEqual(placeOf('Core_Temperature'), { address: 4, bit: 0, bits: 8, direction: 'input', signed: false });
    assert.deepEqual(placeOf('Tank_Level'), { address: 13, bit: 0, bits: 16, direction: 'input', signed: true });
    assert.deepEqual(placeOf('Valve_Position'), { address: 33, bit: 0, bits: 16, direction: 'output', signed: true });
    assert.deepEqual(placeOf('Counter_2'), { address: 112, bit: 0, bits: 32, direction: 'input', signed: false });
    assert.deepEqual(placeOf('Input1Range'), { address: 37, bit: 0, bits: 8, direction: 'memory', signed: false });
    assert.deepEqual(variables.get('Alarm')?.module, { position: 33, name: 'RevPi DIO' });
  });

  it('counts bits on from byte to byte', () => {
    assert.deepEqual(placeOf('Pump'), { address: 172, bit: 0, bits: 1, direction: 'output', signed: false });
    assert.deepEqual(placeOf('Alarm'), { address: 173, bit: 1, bits: 1, direction: 'output', signed: false });
  });

  it('takes the words of an AIO and the inputs of a Compact for signed, and no status, counter or output else', () => {
    for (const name of ['InputValue_4', 'Tank_Temperature', 'Input1Offset'])
      assert.equal(placeOf(name).signed, true, name);
    for (const name of ['InputStatus_1', 'Status', 'Counter_1', 'RevPiLED', 'Recipe']) {
      assert.equal(placeOf(name).signed, false, name);
    }
    const compact = {
      ...MODULE,
      productType: 104,
      inp: { 0: ['AIn', '0', '16', '3'] },
      out: { 0: ['AOut', '0', '16', '25'] },
    };
    const parsed = parseConfigRsc(rsc(compact)).variables;
    assert.deepEqual([parsed.get('AIn')?.signed, parsed.get('AOut')?.signed], [true, false]);
  });

  it('knows the RevPi itself', () => {
    assert.deepEqual(base, { type: 136, offset: 0 });
    assert.equal(parseConfigRsc(rsc(MODULE)).base, undefined);
  });

  it('takes the first of two variables of one name, as the driver does', () => {
    const twice = parseConfigRsc(
      rsc({ ...MODULE, inp: { 0: ['A', '0', '8', '0'] } }, { ...MODULE, offset: 50, inp: { 0: ['A', '0', '8', '0'] } }),
    );
    assert.equal(twice.variables.get('A')?.address, 10);
  });

  it('leaves out what has no place in the image', () => {
    const inp = {
      0: ['Last', '0', '16', '4084'],
      1: ['Beyond', '0', '16', '4085'],
      2: ['NoOffset', '0', '16', 'x'],
      3: ['NoLength', '0', '0', '0'],
      4: ['', '0', '8', '0'],
      5: 'text',
    };
    const floating = { ...MODULE, offset: 10.5, inp: { 0: ['Floating', '0', '8', '0'] } };
    const outside = { ...MODULE, offset: 4096, inp: { 0: ['Outside', '0', '8', '0'] } };
    assert.deepEqual(
      [...parseConfigRsc(rsc({ ...MODULE, inp }, floating, outside, MODULE)).variables.keys()],
      ['Last'],
    );
  });

  it('that is none is refused', () => {
    assert.throws(() => parseConfigRsc('{"Devices":[{"na'), SyntaxError);
    for (const text of ['null', '[]', '{}', '{"Devices":{}}']) {
      assert.throws(() => parseConfigRsc(text), { name: 'TypeError', message: /no list "Devices"/ }, text);
    }
    assert.equal(parseConfigRsc('{"Devices":[null,1,"x",[]]}').variables.size, 0);
  });
});
