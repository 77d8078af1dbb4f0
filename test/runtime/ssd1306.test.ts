/**
 * Two plugins that draw on an SSD1306: one as built for the original host, with I²C in hexadecimal text, and the example in
 * plugins/ssd1306. What arrives at the display is compared with what the chip's data sheet asks for, and what it shows with
 * pixels that are set here.
 */
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { describe } from 'node:test';
import { promise } from '../support/promise';
import { until } from '../support/until';
import { bundledPlugin, fixture } from '../wasm/components';
import { onlyBundled } from './bundled';
import { RecordedGuest, type Transfer } from './recorded-guest';
import { NONE_BUNDLED, TestRuntime } from './test-runtime';

const WIDTH = 128;
const HEIGHT = 64;

class Pixels {
  readonly #lit = new Set<string>();

  horizontal(x: number, y: number, length: number): this {
    for (let column = x; column < x + length; column += 1) this.#lit.add(`${column},${y}`);
    return this;
  }

  /** Data sheet, figure 10-2: a byte is eight pixels of a column, the lowest bit at the top; 128 of them are a page. */
  page(page: number): string {
    return this.#rows(WIDTH, (column) => {
      const bits = this.#rows(8, (bit) => (this.#lit.has(`${column},${8 * page + bit}`) ? '1' : '0')).reverse();
      return Number.parseInt(bits.join(''), 2).toString(16).padStart(2, '0');
    }).join('');
  }

  /** As the simulated display tells it. */
  picture(): readonly string[] {
    return this.#rows(HEIGHT / 2, (line) =>
      this.#rows(WIDTH, (x) => {
        const [upper, lower] = [this.#lit.has(`${x},${2 * line}`), this.#lit.has(`${x},${2 * line + 1}`)];
        if (upper) return lower ? '█' : '▀';
        return lower ? '▄' : ' ';
      }).join(''),
    );
  }

  #rows(length: number, of: (index: number) => string): string[] {
    return Array.from({ length }, (_, index) => of(index));
  }
}

function toDisplay(written: string): Transfer {
  return [1, 0x3c, written, 0];
}

const SENSORS = `
  [cluster]
  node_id = "pi4"
  [simulation]
  dht22_temperature = 21.5
  dht22_humidity = 40
  cpu_temperature = 48
`;

describe('a display plugin that was built for the original host', () => {
  /** A frame's top and bottom, and four pixels for each character of "Temp: 21.5C", "Hum:  40.0%" and "CPU:  48.0C". */
  const FRAME = new Pixels()
    .horizontal(0, 0, 128)
    .horizontal(0, 63, 128)
    .horizontal(4, 10, 44)
    .horizontal(4, 25, 44)
    .horizontal(4, 40, 44);
  const FLAT = '{"dht22":{"temp":21.5,"humidity":40},"bme680":{},"pi":{"cpu_temp":48}}';
  const GRANTS = '[plugins.oled.grants]\ni2c = ["0x3c"]\n';

  promise('sends the bytes that an SSD1306 takes, and sets it up once', async (t) => {
    const toml = '[plugins.recorded.grants]\ni2c = ["0x3c"]\n';
    const guest = await RecordedGuest.start(t, fixture('demo_0_2_0_oled'), toml);
    const command = (byte: string) => toDisplay(`00${byte}`);
    // Data sheet, table 9-1: off; columns first; start line 0; A1, C8; 64 lines; no offset; clock, pre-charge, pins,
    // deselect level; charge pump; not inverted; on.
    const setUp = ['ae', '20', '00', '40', 'a1', 'c8', 'a8', '3f', 'd3', '00', 'd5', '80', 'd9', 'f1', 'da', '12'];
    setUp.push('db', '40', '8d', '14', 'a6', 'af');
    const window = ['21', '00', '7f', '22', '00', '07'];
    const pages = Array.from({ length: 8 }, (_, page) => toDisplay(`40${FRAME.page(page)}`));
    assert.deepEqual(await guest.call(FLAT), [...setUp.map(command), ...window.map(command), ...pages]);
    assert.deepEqual(await guest.call(FLAT), [...window.map(command), ...pages]);
  });

  promise('shows the readings of a cycle', async (t) => {
    const toml = `${onlyBundled('dht22', 'pi_monitor')}${SENSORS}[plugins.oled]\n${GRANTS}`;
    const { runtime } = await TestRuntime.open(t, toml, { oled: 'demo_0_2_0_oled' });
    assert.equal((await runtime.simulate())['display'], undefined, 'it is dark at first');
    const { failures, shown } = await runtime.pollAll();
    assert.deepEqual({ failures, shown }, { failures: [], shown: 1 });
    const world = await runtime.simulate();
    assert.deepEqual(world['display'], FRAME.picture());
    assert.deepEqual((await runtime.simulate(world))['display'], FRAME.picture(), 'a world that is sent back');
  });

  promise('fails where the display is missing, though it keeps silent about that', async (t) => {
    const toml = `${NONE_BUNDLED}[plugins.oled]\n${GRANTS}`;
    const host = await TestRuntime.open(t, toml, { oled: 'demo_0_2_0_oled' }, { hardware: 'raspberry-pi' });
    await assert.rejects(host.runtime.poll('oled'), { code: 'HARDWARE_MISSING', message: /^oled: .*i2c-1/ });
    assert.equal(host.plugin('oled').failing?.code, 'HARDWARE_MISSING');
    assert.equal(host.plugin('oled').state, 'ready', 'its instance lives on');
  });

  promise('is refused without its grant', async (t) => {
    const { runtime } = await TestRuntime.open(t, `${NONE_BUNDLED}[plugins.oled]\n`, { oled: 'demo_0_2_0_oled' });
    await assert.rejects(runtime.poll('oled'), { code: 'CAPABILITY_DENIED', message: /i2c = \[/ });
  });
});

describe('the example of a display plugin', () => {
  const open = async (t: Parameters<typeof TestRuntime.open>[0], toml: string) => {
    const host = await TestRuntime.open(t, `${onlyBundled('dht22')}${SENSORS}${toml}`);
    copyFileSync(bundledPlugin('ssd1306'), host.file('ssd1306'));
    return host;
  };
  const PANEL = '[plugins.ssd1306]\n[plugins.ssd1306.grants]\ni2c = ["0x3c"]\n';
  const SHOW = '[plugins.ssd1306.settings]\nshow = "dht22/dht22/temperature"\n';

  promise('sends the bytes that an SSD1306 takes, every time all of them', async (t) => {
    const toml = '[plugins.recorded.grants]\ni2c = ["0x3c"]\n';
    const guest = await RecordedGuest.start(t, bundledPlugin('ssd1306'), toml);
    const setUp = '00 2000 21007f 220007 a83f d300 40 a1 c8 da12 d580 d9f1 db40 2e a4 a6 8d14 817f'.replaceAll(' ', '');
    // "no readings yet", drawn by hand: a letter is five columns and a gap.
    const letters = ['7c08040478', '3844444438', '0000000000', '7c08040408', '3854545418', '2054545478'];
    letters.push('384444487f', '00447d4000', '7c08040478', '0c5252523e', '4854545420', '0000000000');
    letters.push('0c5050503c', '3854545418', '043f444020');
    const first = letters.map((letter) => `${letter}00`).join('');
    const pages = [first, ...Array.from({ length: 7 }, () => '')].map((page) => `40${page.padEnd(2 * WIDTH, '0')}`);
    const expected = [setUp, ...pages, '00af'].map(toDisplay);
    const nothing = JSON.stringify({ host: { node: 'pi4' }, nodes: {} });
    assert.deepEqual(await guest.call(nothing), expected);
    assert.deepEqual(await guest.call(nothing), expected);
  });

  promise('shows what was read, and never the value of a sensor that failed', async (t) => {
    const { runtime } = await open(t, `${PANEL}${SHOW}`);
    await runtime.pollAll();
    assert.deepEqual((await runtime.simulate())['display'], pictureOf(TEMPERATURE));
    await runtime.simulate({ dht22_failure_rate: 1 });
    const isUnknown = async () => {
      await runtime.pollAll();
      return JSON.stringify((await runtime.simulate())['display']) !== JSON.stringify(pictureOf(TEMPERATURE));
    };
    await until(isUnknown, 'another picture');
    assert.deepEqual((await runtime.simulate())['display'], pictureOf(UNKNOWN));
  });

  promise('says which address was not granted, and when nothing answers there', async (t) => {
    const address = '[plugins.ssd1306.settings]\naddress = "0x3d"\n';
    const denied = await open(t, `${PANEL}${address}`);
    await assert.rejects(denied.runtime.poll('ssd1306'), {
      code: 'PLUGIN_ERROR',
      message: /^ssd1306: I²C address 0x3d is not granted to ssd1306: set `i2c = \["0x3c", "0x3d"\]`/,
    });
    const missing = await open(t, `${PANEL.replace('0x3c', '0x3d')}${address}`);
    await assert.rejects(missing.runtime.poll('ssd1306'), {
      code: 'HARDWARE_MISSING',
      message: /^ssd1306: nothing answers at I²C address 0x3d of bus 1/,
    });
  });
});

/** The lines of pixels that are not dark, at the top. */
function pictureOf(lines: readonly string[]): readonly string[] {
  const padded = lines.map((line) => line.padEnd(WIDTH));
  return [...padded, ...Array.from({ length: HEIGHT / 2 - padded.length }, () => ' '.repeat(WIDTH))];
}

/** "temperature   21.5 °C" */
const TEMPERATURE = [
  ' █                                         █                                        ▄▀▀▀▄  ▄█         █▀▀▀▀       ▄▀▀▄  ▄▀▀▀▄',
  '▀█▀   ▄▀▀▀▄ █▀▄▀▄ █▀▀▀▄ ▄▀▀▀▄ █▄▀▀▄  ▀▀▀▄ ▀█▀   █   █ █▄▀▀▄ ▄▀▀▀▄                      ▄▀   █         ▀▀▀▀▄       ▀▄▄▀  █',
  ' █  ▄ █▀▀▀▀ █ ▀ █ █▀▀▀  █▀▀▀▀ █     ▄▀▀▀█  █  ▄ █  ▄█ █     █▀▀▀▀                    ▄▀     █    ▄▄   ▄   █             █   ▄',
  '  ▀▀   ▀▀▀  ▀   ▀ ▀      ▀▀▀  ▀      ▀▀▀▀   ▀▀   ▀▀ ▀ ▀      ▀▀▀                    ▀▀▀▀▀  ▀▀▀   ▀▀    ▀▀▀               ▀▀▀',
];

/** "temperature   unknown" */
const UNKNOWN = [
  ' █                                         █                                                    █',
  '▀█▀   ▄▀▀▀▄ █▀▄▀▄ █▀▀▀▄ ▄▀▀▀▄ █▄▀▀▄  ▀▀▀▄ ▀█▀   █   █ █▄▀▀▄ ▄▀▀▀▄                   █   █ █▄▀▀▄ █ ▄▀  █▄▀▀▄ ▄▀▀▀▄ █   █ █▄▀▀▄',
  ' █  ▄ █▀▀▀▀ █ ▀ █ █▀▀▀  █▀▀▀▀ █     ▄▀▀▀█  █  ▄ █  ▄█ █     █▀▀▀▀                   █  ▄█ █   █ █▀▄   █   █ █   █ █ █ █ █   █',
  '  ▀▀   ▀▀▀  ▀   ▀ ▀      ▀▀▀  ▀      ▀▀▀▀   ▀▀   ▀▀ ▀ ▀      ▀▀▀                     ▀▀ ▀ ▀   ▀ ▀  ▀  ▀   ▀  ▀▀▀   ▀ ▀  ▀   ▀',
];
