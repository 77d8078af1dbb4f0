/** The simulated display, held against the command table and the figures of the SSD1306's data sheet (Rev 1.1). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SimulatedSsd1306 } from '../../../src/hardware/simulated/ssd1306-chip';

const COMMANDS = 0x00;
const DATA = 0x40;
/** Charge pump on, display on, and the orientation in which modules are upright (A1, C8). */
const ON = [0x8d, 0x14, 0xa1, 0xc8, 0xaf];

class Module {
  readonly chip = new SimulatedSsd1306();

  commands(...bytes: readonly number[]): this {
    this.chip.transfer(Uint8Array.of(COMMANDS, ...bytes), 0);
    return this;
  }

  data(...bytes: readonly number[]): this {
    this.chip.transfer(Uint8Array.of(DATA, ...bytes), 0);
    return this;
  }

  /** `x,y` of every lit pixel. */
  lit(): string[] {
    const lit: string[] = [];
    for (const [line, text] of (this.chip.picture() ?? []).entries()) {
      for (const [x, character] of [...text].entries()) {
        if (character === '▀' || character === '█') lit.push(`${x},${2 * line}`);
        if (character === '▄' || character === '█') lit.push(`${x},${2 * line + 1}`);
      }
    }
    return lit;
  }
}

const on = () => new Module().commands(...ON);

describe('the simulated SSD1306', () => {
  it('shows nothing until its charge pump and the display are on', () => {
    assert.equal(new Module().chip.picture(), undefined);
    assert.equal(new Module().commands(0xaf).chip.picture(), undefined);
    assert.equal(new Module().commands(0x8d, 0x14).chip.picture(), undefined);
    const module = on();
    const picture = module.chip.picture() ?? [];
    assert.deepEqual([picture.length, new Set(picture)], [32, new Set([' '.repeat(128)])]);
    assert.equal(module.commands(0xae).chip.picture(), undefined);
  });

  it('has its top left pixel in bit 0 of the first byte', () => {
    assert.deepEqual(on().data(0x81).lit(), ['0,0', '0,7']);
  });

  it('begins in page addressing mode: a page is written over and over', () => {
    const module = on().commands(0xb2, 0x0f, 0x17);
    assert.deepEqual(module.data(0x01, 0x01).lit(), ['0,16', '127,16']);
  });

  it('goes from column to column and page to page of its window in horizontal mode, and back to the start', () => {
    const module = on().commands(0x20, 0x00, 0x21, 5, 6, 0x22, 1, 2);
    assert.deepEqual(module.data(1, 2, 4, 8).lit(), ['5,8', '6,9', '5,18', '6,19']);
    assert.deepEqual(module.data(0x80).lit(), ['6,9', '5,15', '5,18', '6,19']);
  });

  it('goes from page to page and column to column of its window in vertical mode', () => {
    const module = on().commands(0x20, 0x01, 0x21, 5, 6, 0x22, 1, 2);
    assert.deepEqual(module.data(1, 2, 4, 8).lit(), ['5,8', '6,10', '5,17', '6,19']);
  });

  it('takes a command and its arguments in one transfer, in several, or each behind a control byte', () => {
    const expected = ['9,0'];
    assert.deepEqual(on().commands(0x20, 0x00, 0x21, 9, 9).data(1).lit(), expected);
    const apart = on().commands(0x20).commands(0x00).commands(0x21).commands(9).commands(9);
    assert.deepEqual(apart.data(1).lit(), expected);
    const mixed = on();
    mixed.chip.transfer(Uint8Array.of(0x80, 0x20, 0x80, 0x00, 0x80, 0x21, 0x80, 9, 0x80, 9, 0xc0, 1, 0x40, 1), 0);
    assert.deepEqual(mixed.lit(), ['9,0', '9,8'], 'two bytes of data');
  });

  it('mirrors what is written under A0, and turns the whole picture over under C0', () => {
    assert.deepEqual(on().commands(0xa0).data(1).lit(), ['127,0']);
    const turned = on().data(1).commands(0xa0);
    assert.deepEqual(turned.lit(), ['0,0'], 'A0 and A1 hold for data that comes later');
    assert.deepEqual(turned.commands(0xc0).lit(), ['0,63']);
  });

  it('shows from its start line on, inverted, or every pixel', () => {
    assert.deepEqual(on().data(0x02).commands(0x41).lit(), ['0,0']);
    assert.equal(on().data(0xff).commands(0xa7).lit().length, 128 * 64 - 8);
    assert.equal(on().commands(0xa5).lit().length, 128 * 64);
    assert.deepEqual(on().commands(0xa5, 0xa4).lit(), []);
  });

  it('knows how many arguments the commands have that change nothing here', () => {
    const scrolling = [0x2e, 0x26, 0, 0, 0, 7, 0, 0xff, 0x29, 0, 0, 0, 7, 1, 0xa3, 0, 64];
    const timing = [0x81, 0xaf, 0xd3, 0, 0xd5, 0x80, 0xd9, 0xf1, 0xda, 0x12, 0xdb, 0x40, 0xa8, 0x3f, 0xe3];
    const module = new Module().commands(...scrolling, ...timing);
    assert.equal(module.chip.picture(), undefined, '0xaf is the contrast');
    assert.deepEqual(
      module
        .commands(...ON)
        .data(1)
        .lit(),
      ['0,0'],
    );
  });

  it('tells in its status whether it is off', () => {
    const module = new Module();
    assert.deepEqual(
      [...module.chip.transfer(new Uint8Array(), 1)].map((status) => status & 0x40),
      [0x40],
    );
    module.commands(0xaf);
    assert.deepEqual(
      [...module.chip.transfer(Uint8Array.of(COMMANDS), 2)].map((status) => status & 0x40),
      [0, 0],
    );
  });
});
