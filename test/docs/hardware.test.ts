/** docs/hardware.md and its picture say what the code does: default pins, lines of config.txt, codes. What the doctor prints is compared in test/doctor/command.test.ts. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readBoard } from '../../src/doctor/board';
import { ERROR_CODES } from '../../src/errors/wasi-error';
import { parseHostConfig } from '../../src/host-config/parse-host-config';
import { FakeMachine, OwnedFiles } from '../doctor/fake-machine';
import { REPOSITORY, scratchFolder } from '../wasm/components';

const text = (...path: string[]) => readFileSync(join(REPOSITORY, ...path), 'utf8');
const DOCUMENT = text('docs', 'hardware.md');
const PICTURE = text('docs', 'images', 'wiring.svg');

/** Physical pin by BCM number, of the 40-pin header. */
const HEADER: Readonly<Record<number, number>> = { 2: 3, 3: 5, 4: 7, 10: 19, 17: 11, 27: 13 };

describe('docs/hardware.md', () => {
  it('wires what host.toml has by default', () => {
    const { sensors, buzzer, fan, leds } = parseHostConfig('', 'built-in defaults', { hostName: 'pi' });
    for (const pin of [2, 3, 10, sensors.dht22.gpioPin, buzzer.gpioPin, fan.gpioPin]) {
      assert.match(DOCUMENT, new RegExp(`\\| ${HEADER[pin]} \\| GPIO${pin} \\|`), `GPIO${pin}`);
      assert.match(PICTURE, new RegExp(`>${HEADER[pin]}</text>`), `GPIO${pin}`);
    }
    assert.ok(DOCUMENT.includes(`i2c_address = "0x${sensors.bme680.address.toString(16)}"`));
    assert.ok(DOCUMENT.includes(`[leds] count = ${leds.count}`));
    assert.ok(PICTURE.includes(`strip, ${leds.count} LEDs`));
  });

  it('pins the core clock of each board as the doctor does', async (test) => {
    const row = DOCUMENT.split('\n').find((line) => line.includes('core clock pinned')) ?? '';
    const cells = row.split('|').slice(2, 6);
    const models = ['Zero 2 W Rev 1.0', '3 Model B Plus Rev 1.3', '4 Model B Rev 1.4', '5 Model B Rev 1.0'];
    for (const [index, model] of models.entries()) {
      const machine = new FakeMachine(scratchFolder(test)).model(`Raspberry Pi ${model}`);
      const board = await readBoard(new OwnedFiles(machine), { kind: 'none' });
      assert.ok(board.kind === 'raspberry-pi');
      const lines = board.family.clockLines.map(([key, value]) => `\`${key}=${value}\``);
      assert.equal(cells[index]?.trim(), lines.join(' and ') || 'not needed', model);
    }
  });

  it('names codes that there are', () => {
    const codes = [...DOCUMENT.matchAll(/`((?:HARDWARE|PLUGIN|CAPABILITY)_[A-Z]+)`/g)].map(([, code = '']) => code);
    assert.ok(codes.length >= 5);
    const known: readonly string[] = ERROR_CODES;
    assert.deepEqual(
      codes.filter((code) => !known.includes(code)),
      [],
    );
  });

  it('is linked from the README and delivered with its picture', () => {
    assert.ok(text('README.md').includes('(docs/hardware.md)'));
    assert.ok(DOCUMENT.includes('(images/wiring.svg)'));
    const { files }: { files: readonly string[] } = JSON.parse(text('package.json'));
    assert.ok(files.includes('docs/*.md') && files.includes('docs/images/*.svg'));
  });
});
