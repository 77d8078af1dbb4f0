import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { chooseHardware, readDeviceTreeModel } from '../../src/hardware/choose-hardware';

describe('the choice of hardware', () => {
  it('is simulated where that is asked for, on a Raspberry Pi too', () => {
    assert.deepEqual(chooseHardware('simulated', 'Raspberry Pi 4 Model B Rev 1.5'), {
      kind: 'simulated',
      because: 'hardware is set to "simulated"',
    });
  });

  it('is simulated by itself where there is no device tree, and says so', () => {
    const choice = chooseHardware('auto', undefined);
    assert.equal(choice.kind, 'simulated');
    assert.match('because' in choice ? choice.because : '', /no device tree/);
  });

  it('names a machine that is neither Raspberry Pi nor RevPi', () => {
    const choice = chooseHardware('auto', 'Radxa ROCK 5B');
    assert.match('because' in choice ? choice.because : '', /Radxa ROCK 5B/);
  });

  for (const model of ['Raspberry Pi 5 Model B Rev 1.0', 'RevPi Connect 4', 'KUNBUS Revolution Pi Core']) {
    it(`tells the owner of a ${model} that its values are simulated in this version`, () => {
      const choice = chooseHardware('auto', model);
      assert.equal(choice.kind, 'simulated');
      assert.match('because' in choice ? choice.because : '', new RegExp(`${model}.*simulated hardware only`));
    });
  }

  for (const wish of ['raspberry-pi', 'revpi'] as const) {
    it(`refuses "${wish}" instead of simulating it, and says what to set`, () => {
      assert.throws(() => chooseHardware(wish, 'Raspberry Pi 5 Model B Rev 1.0'), {
        code: 'HARDWARE_MISSING',
        message: /simulated hardware only: set it to "simulated"/,
      });
    });
  }
});

describe("the machine's model", () => {
  it('is the first file that names one, without its closing zero', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'model-'));
    t.after(() => rm(folder, { recursive: true }));
    const file = join(folder, 'model');
    await writeFile(file, 'Raspberry Pi 4 Model B Rev 1.5\0');
    assert.equal(await readDeviceTreeModel([join(folder, 'absent'), file]), 'Raspberry Pi 4 Model B Rev 1.5');
  });

  it('is unknown where no file names one', async () => {
    assert.equal(await readDeviceTreeModel(['/nonexistent/model']), undefined);
  });
});
