/** The RevPi's own temperature and LEDs, and what it does not have. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ledBits } from '../../../src/hardware/revpi/base-module';
import { CONFIG_RSC, fakeRevPi } from './fake-picontrol';

const LEDS = 11;
const FIVE = { leds: { count: 5, brightness: 50, driver: 'spi', onClose: 'dark' } } as const;

function colors(...hex: string[]): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.join(''), 'hex'));
}

describe('the temperature of a RevPi', () => {
  it('is byte 4 of the RevPi in the process image, below zero too', async (t) => {
    const { hardware, driver } = await fakeRevPi(t);
    driver.poke(0, 0x01, 0, 0, 0, 47);
    assert.equal(await hardware.cpuTemperature(), 47);
    driver.poke(4, 0xfb);
    assert.equal(await hardware.cpuTemperature(), -5);
  });

  it('is an error where the PiBridge does not run, as the byte is then not renewed', async (t) => {
    const { hardware, driver } = await fakeRevPi(t);
    driver.poke(0, 0x04, 0, 0, 0, 47);
    await assert.rejects(hardware.cpuTemperature(), { code: 'HARDWARE_IO', message: /PiBridge does not run/ });
  });

  it('is that of the thermal zone where no Connect 4 or 5 is configured, or the driver is absent', async (t) => {
    const { hardware, driver, scratch } = await fakeRevPi(t);
    await scratch.write('sys/class/thermal/thermal_zone0/temp', '51500\n');
    driver.poke(0, 0x01, 0, 0, 0, 47);
    await scratch.remove('dev/piControl0');
    assert.equal(await hardware.cpuTemperature(), 51.5);
    await scratch.write('dev/piControl0', new Uint8Array(4_096));
    await scratch.write('config.rsc', CONFIG_RSC.replace('"136"', '"95"'));
    assert.equal(await hardware.cpuTemperature(), 51.5);
  });
});

describe('the LEDs A1 to A5', () => {
  it('show the first five of the strip in one write, red, green and blue from A1 on', async (t) => {
    const { hardware, driver } = await fakeRevPi(t, {
      leds: { count: 11, brightness: 50, driver: 'spi', onClose: 'dark' },
    });
    driver.poke(LEDS - 1, 9, 0, 0, 9);
    await hardware.writeLeds(colors('ff0000', '00ff00', '0000ff', 'ffffff', '000000', ...Array(6).fill('ffffff')));
    assert.deepEqual([...driver.image().subarray(LEDS - 1, LEDS + 3)], [9, 0b00010001, 0b00001111, 9]);
  });

  it('are lit by channel where it is a third of the brightest, so that dim and mixed colours are seen', () => {
    for (const [color, bits] of [
      ['000000', 0b000],
      ['280000', 0b001],
      ['00ff00', 0b010],
      ['000028', 0b100],
      ['ff7800', 0b011],
      ['ff5000', 0b001],
      ['ffc8b4', 0b111],
      ['000102', 0b110],
    ] as const) {
      assert.equal(ledBits(colors(color), 1), bits, color);
    }
  });

  it('beyond the count of host.toml are left to others', async (t) => {
    const { hardware, driver } = await fakeRevPi(t, {
      leds: { count: 1, brightness: 50, driver: 'spi', onClose: 'dark' },
    });
    driver.poke(LEDS, 0b11111111, 0b11111111);
    await hardware.writeLeds(colors('0000ff'));
    assert.deepEqual([...driver.image().subarray(LEDS, LEDS + 2)], [0b11111100, 0b11111111]);
    await hardware.close();
    assert.deepEqual([...driver.image().subarray(LEDS, LEDS + 2)], [0b11111000, 0b11111111]);
  });

  it('are off when it is closed, and the outputs stay as they are', async (t) => {
    const { hardware, driver } = await fakeRevPi(t, FIVE);
    await hardware.writeLeds(colors(...Array(5).fill('ffffff')));
    await hardware.processImageWrite('Pump', { tag: 'bit', val: true });
    await hardware.close();
    assert.deepEqual([...driver.image().subarray(LEDS, LEDS + 2)], [0, 0]);
    assert.equal(driver.image()[172], 1);
  });

  it('are off in the end when it is closed during their first write', async (t) => {
    const { hardware, driver } = await fakeRevPi(t, FIVE);
    const writing = hardware.writeLeds(colors(...Array(5).fill('ffffff')));
    await Promise.resolve();
    await hardware.close();
    await writing;
    assert.deepEqual([...driver.image().subarray(LEDS, LEDS + 2)], [0, 0]);
  });

  it('that are to keep what they show do so when it is closed', async (t) => {
    const { hardware, driver } = await fakeRevPi(t, { leds: { ...FIVE.leds, onClose: 'keep' } });
    await hardware.writeLeds(colors(...Array(5).fill('ff0000')));
    await hardware.close();
    assert.deepEqual([...driver.image().subarray(LEDS, LEDS + 2)], [0b01001001, 0b00010010]);
  });

  it('are not touched with driver = "none", nor when nothing was shown', async (t) => {
    const none = await fakeRevPi(t, { leds: { count: 1, brightness: 50, driver: 'none', onClose: 'dark' } });
    none.driver.poke(LEDS, 0xff);
    await none.hardware.writeLeds(colors('000000'));
    await none.hardware.close();
    assert.equal(none.driver.image()[LEDS], 0xff);
  });

  it('are missing on other RevPis', async (t) => {
    const { hardware, scratch } = await fakeRevPi(t, FIVE);
    await scratch.write('config.rsc', CONFIG_RSC.replace('"136"', '"105"'));
    await assert.rejects(hardware.writeLeds(new Uint8Array(15)), {
      code: 'HARDWARE_MISSING',
      message: /A1 to A5 .*Connect 4 or 5.*driver = "none"/,
    });
  });
});

describe('a RevPi', () => {
  it('starts without a word where its process image may be used', async (t) => {
    const { hardware, said } = await fakeRevPi(t);
    await hardware.start();
    await hardware.close();
    assert.deepEqual(said, []);
  });

  it("says at the start that the driver or PiCtory's file is absent", async (t) => {
    const { hardware, scratch, said } = await fakeRevPi(t);
    await scratch.remove('dev/piControl0');
    await scratch.remove('config.rsc');
    await hardware.start();
    assert.equal(said.length, 2);
    assert.match(said[0] ?? '', /^warn: .*config\.rsc cannot be read \(ENOENT\): save the configuration in PiCtory/);
    assert.match(said[1] ?? '', /^warn: .*process image is not there/);
  });

  it('has no DHT22, buzzer and fan, and says so by name; a fan that is not there is off', async (t) => {
    const { hardware } = await fakeRevPi(t);
    await assert.rejects(hardware.readDht22(4), { code: 'HARDWARE_MISSING', message: /not a DHT22 at GPIO 4/ });
    await assert.rejects(hardware.beep(), { code: 'HARDWARE_MISSING', message: /not a buzzer/ });
    await assert.rejects(hardware.setFan(true), { code: 'HARDWARE_MISSING', message: /not a fan/ });
    await hardware.setFan(false);
    assert.equal(await hardware.fanState(), false);
  });

  it('that was closed does nothing more, and may be closed twice', async (t) => {
    const { hardware, driver } = await fakeRevPi(t, FIVE);
    await hardware.writeLeds(colors(...Array(5).fill('ffffff')));
    await Promise.all([hardware.close(), hardware.close()]);
    await assert.rejects(hardware.processImageWrite('Pump', { tag: 'bit', val: true }), { code: 'RUNTIME_CLOSED' });
    await assert.rejects(hardware.writeLeds(colors(...Array(5).fill('ffffff'))), { code: 'RUNTIME_CLOSED' });
    assert.equal(driver.bitsSet, 0);
    assert.deepEqual([...driver.image().subarray(LEDS, LEDS + 2)], [0, 0]);
  });

  it('has I²C, SPI and serial ports where the machine has them', async (t) => {
    const { hardware } = await fakeRevPi(t);
    await assert.rejects(hardware.i2cTransfer(1, 0x76, Uint8Array.of(0), 1), { message: /I²C bus 1 is not there/ });
    await assert.rejects(hardware.readBme680(1, 0x77), { code: 'HARDWARE_MISSING', message: /I²C bus 1/ });
    await assert.rejects(hardware.spiTransfer(0, 0, Uint8Array.of(0)), { message: /SPI device 0\.0 is not there/ });
    await assert.rejects(hardware.uartRead('/dev/ttyRS485-none', 1, 0), {
      message: /\/dev\/ttyRS485-none is not there/,
    });
    await hardware.close();
  });
});
