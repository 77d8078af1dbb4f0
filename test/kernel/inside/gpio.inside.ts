/** The simulated GPIO chip as tests of drivers use it: made, seen, taken away. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import { chipInfo, driveLine } from './gpio-device';
import { GpioSim } from './gpio-sim';

describe('a simulated GPIO chip', () => {
  it('is listed with the label and the lines it was made with', (t) => {
    const chip = new GpioSim('pinctrl-bcm2711', 58);
    t.after(() => chip.unplug());
    assert.deepEqual(chipInfo(chip.path), { name: chip.chip, label: 'pinctrl-bcm2711', lines: 58 });
  });

  it('shows the world what is driven, and a pull once nobody drives', (t) => {
    const chip = new GpioSim('pinctrl-bcm2835', 54);
    t.after(() => chip.unplug());
    assert.equal(chip.level(17), 0);
    const release = driveLine(chip.path, 17, 1);
    assert.equal(chip.level(17), 1);
    release();
    chip.pull(17, 'up');
    assert.equal(chip.level(17), 1);
    chip.pull(17, 'down');
    assert.equal(chip.level(17), 0);
  });

  it('is gone once unplugged, though somebody drives a line of it', () => {
    const chip = new GpioSim('pinctrl-rp1', 54);
    const release = driveLine(chip.path, 4, 1);
    chip.unplug();
    assert.equal(existsSync(chip.path), false);
    release();
  });
});
