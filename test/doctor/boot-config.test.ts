/** Which lines of config.txt hold on a board. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type BootConfig,
  dtparamState,
  overlayParameter,
  overlayState,
  parseBootConfig,
  settingState,
} from '../../src/doctor/boot-config';

const PI4 = ['pi4', 'pi400', 'cm4', 'cm4s'];

function boot(text: string, filters = PI4): BootConfig {
  return { path: '/boot/firmware/config.txt', settings: parseBootConfig(text, filters) };
}

function dht11(text: string, pin = '4') {
  return overlayState(boot(text), 'dht11', { gpiopin: pin }, { gpiopin: '4' });
}

describe('a dtparam', () => {
  for (const line of [
    'dtparam=i2c_arm=on',
    'dtparam=i2c=on',
    'dtparam=i2c_arm',
    'dtparam=spi=on,i2c_arm=on',
    '\tdtparam=i2c_arm=on \r',
  ])
    it(`holds as ${JSON.stringify(line)}`, () => {
      assert.equal(dtparamState(boot(line), ['i2c_arm', 'i2c']), 'holds');
    });

  for (const [line, state] of [
    ['#dtparam=i2c_arm=on', 'commented'],
    ['# dtparam=i2c_arm=on', 'commented'],
    ['dtparam=i2c_arm=off', 'absent'],
    ['dtparam=i2c_arm_baudrate=400000', 'absent'],
    ['[pi5]\ndtparam=i2c_arm=on', 'other-board'],
    ['[pi5]\n#dtparam=i2c_arm=on', 'commented'],
    ['[pi5]\n[all]\ndtparam=i2c_arm=on', 'holds'],
    ['[PI4]\ndtparam=i2c_arm=on', 'holds'],
    ['[none]\ndtparam=i2c_arm=on', 'other-board'],
    ['[0x12345678]\ndtparam=i2c_arm=on', 'holds'],
    ['#dtparam=i2c_arm=on\ndtparam=i2c_arm=on', 'holds'],
  ] as const)
    it(`is ${state} in ${JSON.stringify(line)}`, () => {
      assert.equal(dtparamState(boot(line), ['i2c_arm', 'i2c']), state);
    });
});

describe('an overlay', () => {
  it('has its defaults where no parameter says otherwise', () => {
    assert.equal(dht11('dtoverlay=dht11'), 'holds');
    assert.equal(dht11('dtoverlay=dht11,gpiopin=17'), 'absent');
    assert.equal(dht11('dtoverlay=dht11,gpiopin=17', '17'), 'holds');
    assert.equal(dht11('dtoverlay=dht11x'), 'absent');
    assert.equal(dht11('[cm5]\ndtoverlay=dht11'), 'other-board');
  });

  it('gives a parameter of its last line that holds', () => {
    const text = 'dtoverlay=ws2812-pio,gpio=18\ndtoverlay=ws2812-pio,gpio=21,num_leds=11\n#dtoverlay=ws2812-pio,gpio=4';
    assert.equal(overlayParameter(boot(text), 'ws2812-pio', 'gpio'), '21');
    assert.equal(overlayParameter(boot(text), 'ws2812-pio', 'rgbw'), undefined);
    assert.equal(overlayParameter(boot('[pi5]\ndtoverlay=ws2812-pio,gpio=18'), 'ws2812-pio', 'gpio'), undefined);
  });
});

it('a setting is compared with its value', () => {
  assert.equal(settingState(boot('core_freq=500'), 'core_freq', '500'), 'holds');
  assert.equal(settingState(boot('core_freq=250'), 'core_freq', '500'), 'absent');
  assert.equal(settingState(boot('core_freq_min=500'), 'core_freq', '500'), 'absent');
});
