import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { chooseHardware, type HardwareWish, readMachine } from '../../src/hardware/choose-hardware';

const PI5 = 'Raspberry Pi 5 Model B Rev 1.0';

function choose(wanted: HardwareWish, model?: string, isRevPi = false) {
  const choice = chooseHardware(wanted, { model, isRevPi });
  return { ...choice, because: 'because' in choice ? choice.because : '' };
}

describe('the choice of hardware', () => {
  it('is simulated where that is asked for, on a Raspberry Pi too', () => {
    assert.deepEqual(choose('simulated', PI5), { kind: 'simulated', because: 'hardware is set to "simulated"' });
  });

  it('is the Raspberry Pi by itself on a Raspberry Pi', () => {
    for (const model of [PI5, 'Raspberry Pi Zero 2 W Rev 1.0', 'Raspberry Pi Compute Module 4 Rev 1.1']) {
      assert.deepEqual(choose('auto', model), { kind: 'raspberry-pi', model, because: '' });
    }
  });

  it('is the Raspberry Pi where that is asked for, on any machine: what is missing is said device by device', () => {
    assert.deepEqual(choose('raspberry-pi', 'Radxa ROCK 5B'), {
      kind: 'raspberry-pi',
      model: 'Radxa ROCK 5B',
      because: '',
    });
    assert.equal(choose('raspberry-pi').kind, 'raspberry-pi');
  });

  it('is simulated by itself where there is no device tree, says so, and what to do where it is hidden', () => {
    const { kind, because } = choose('auto');
    assert.equal(kind, 'simulated');
    assert.match(because, /no device tree.*hidden.*set hardware to "raspberry-pi" or "revpi"/);
  });

  it('names a machine that is neither Raspberry Pi nor RevPi', () => {
    assert.match(choose('auto', 'Radxa ROCK 5B').because, /Radxa ROCK 5B/);
  });

  it('never takes a RevPi for the Raspberry Pi that it is built on', () => {
    const model = 'Raspberry Pi Compute Module 4S Rev 1.0';
    assert.deepEqual(choose('auto', model, true), { kind: 'revpi', model, because: '' });
    assert.equal(choose('auto', undefined, true).kind, 'revpi', 'in a container that hides the device tree');
  });

  it('is the RevPi where that is asked for, on any machine', () => {
    assert.deepEqual(choose('revpi', PI5), { kind: 'revpi', model: PI5, because: '' });
    assert.equal(choose('revpi').kind, 'revpi');
  });
});

describe('what machine this is', () => {
  async function scratch(t: TestContext, files: Readonly<Record<string, string>>) {
    const folder = await mkdtemp(join(tmpdir(), 'machine-'));
    t.after(() => rm(folder, { recursive: true }));
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    return (name: string) => join(folder, name);
  }

  it('says the first file that names a model, without its closing zero', async (t) => {
    const at = await scratch(t, { model: `${PI5}\0` });
    const machine = await readMachine([at('absent'), at('model')], [at('piControl0')]);
    assert.deepEqual(machine, { model: PI5, isRevPi: false });
  });

  it('is a RevPi where its driver is, or where its model says so', async (t) => {
    const at = await scratch(t, { model: PI5, revpi: 'RevPi Connect 4', piControl0: '' });
    assert.equal((await readMachine([at('model')], [at('piControl0')])).isRevPi, true);
    assert.equal((await readMachine([at('revpi')], [at('absent')])).isRevPi, true);
  });

  it('is unknown where no file names one', async () => {
    assert.deepEqual(await readMachine(['/nonexistent/model'], ['/nonexistent/driver']), {
      model: undefined,
      isRevPi: false,
    });
  });
});
