/** The relays of the Raspberry Pi backend, seen from the other side of their wires. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { driveLine } from './gpio-device';
import { GpioSim } from './gpio-sim';
import { openPi, piOf } from './pi';

const BUZZER = 17;
const FAN = 27;
const OFF = 1;
const ON = 0;
/** More than the pause between two tries of opening. */
const RESTED_MS = 1_100;

function chipOf(t: TestContext, label = 'pinctrl-bcm2711'): GpioSim {
  const chip = new GpioSim(label, 58);
  t.after(() => chip.unplug());
  return chip;
}

describe("a Raspberry Pi's relays", () => {
  for (const label of ['pinctrl-bcm2835', 'pinctrl-bcm2711', 'pinctrl-rp1']) {
    it(`are off from the start on, which is the high level, on the chip labelled ${label}`, async (t) => {
      const chip = chipOf(t, label);
      assert.deepEqual([chip.level(BUZZER), chip.level(FAN)], [0, 0], 'nobody drives them yet');
      await piOf(t);
      assert.deepEqual([chip.level(BUZZER), chip.level(FAN)], [OFF, OFF]);
    });
  }

  it('pull when the level is low, and the state of the fan is that of its line', async (t) => {
    const chip = chipOf(t);
    const { hardware } = await piOf(t);
    await hardware.setFan(true);
    assert.equal(chip.level(FAN), ON);
    assert.equal(await hardware.fanState(), true);
    await hardware.setFan(false);
    assert.equal(chip.level(FAN), OFF);
    assert.equal(await hardware.fanState(), false);
  });

  it('beep as long and as often as asked, and are off afterwards', async (t) => {
    const chip = chipOf(t);
    const { hardware } = await piOf(t);
    await hardware.beep(2, 60, 60);
    const levels: number[] = [];
    for (let sample = 0; sample < 60; sample += 1) {
      const level = chip.level(BUZZER);
      if (level !== levels.at(-1)) levels.push(level);
      await delay(5);
    }
    assert.deepEqual(levels, [ON, OFF, ON, OFF]);
  });

  it('are off and free once the backend is closed, in the middle of a beep, too', async (t) => {
    const chip = chipOf(t);
    chip.pull(FAN, 'up');
    chip.pull(BUZZER, 'up');
    const { hardware, said } = await openPi();
    await hardware.setFan(true);
    await hardware.beep(20, 1_000, 1_000);
    assert.equal(chip.level(BUZZER), ON);
    await hardware.close();
    assert.deepEqual([chip.level(BUZZER), chip.level(FAN)], [OFF, OFF]);
    driveLine(chip.path, FAN, 1)();
    await assert.rejects(hardware.setFan(true), { code: 'RUNTIME_CLOSED' });
    assert.deepEqual(
      said.filter((text) => /buzzer|fan|relay/.test(text)),
      [],
    );
  });

  it('are let go when the process is killed: the line falls to its pull and can be requested again', async (t) => {
    const chip = chipOf(t);
    chip.pull(FAN, 'up');
    const child = spawn(process.execPath, [join(__dirname, 'fan-on.js')], { stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    assert.equal(chip.level(FAN), ON);
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(chip.level(FAN), OFF);
    const { hardware } = await piOf(t);
    assert.equal(await hardware.fanState(), false);
  });

  it('are let go when the thread that drives them dies, while the process lives on', async (t) => {
    const chip = chipOf(t);
    chip.pull(FAN, 'up');
    const thread = new Worker(join(__dirname, 'device-thread-crash.js'));
    const told: string[] = [];
    thread.on('message', (message) => told.push(message));
    thread.on('error', (error) => told.push(error.message));
    await new Promise((resolve) => thread.on('exit', resolve));
    // A message and the error of a thread arrive on channels of their own: their order is not defined.
    assert.deepEqual(told.sort(), ['dies', 'on']);
    assert.equal(chip.level(FAN), OFF);
    const { hardware } = await piOf(t);
    await hardware.setFan(true);
    assert.equal(chip.level(FAN), ON);
  });

  it('name whoever has the line, the rest works, and they are had once it is free', async (t) => {
    const chip = chipOf(t);
    const release = driveLine(chip.path, FAN, 0);
    const { hardware, said } = await piOf(t);
    const busy = /GPIO 27 \(fan\) is in use by "test" \(EBUSY\)/;
    assert.equal(said.filter((text) => busy.test(text)).length, 1);
    await assert.rejects(hardware.setFan(true), { code: 'HARDWARE_IO', message: busy });
    await hardware.beep(1, 1, 0);
    release();
    await delay(RESTED_MS);
    await hardware.setFan(true);
    assert.equal(chip.level(FAN), ON);
    assert.ok(said.includes('the fan: works again'));
  });

  it('are missing when their chip is unplugged, also in the middle of a beep, and come back with it', async (t) => {
    const chip = chipOf(t);
    const { hardware, said } = await piOf(t);
    await hardware.setFan(true);
    await hardware.beep(20, 50, 50);
    chip.unplug();
    await assert.rejects(hardware.setFan(false), { code: 'HARDWARE_MISSING', message: /line of the fan.*ENODEV/ });
    await assert.rejects(hardware.setFan(false), { code: 'HARDWARE_MISSING', message: /no GPIO controller/ });
    await delay(120);
    assert.ok(said.some((text) => /a beep pattern ended early/.test(text)));
    const again = chipOf(t);
    await delay(RESTED_MS);
    assert.equal(await hardware.fanState(), false, 'whatever it was before');
    await hardware.setFan(true);
    assert.equal(again.level(FAN), ON);
  });

  it('are not looked for again within a second', async (t) => {
    const { hardware } = await piOf(t);
    const chip = chipOf(t);
    await assert.rejects(hardware.setFan(true), { code: 'HARDWARE_MISSING', message: /pinctrl-rp1/ });
    assert.equal(chip.level(FAN), 0);
    await delay(RESTED_MS);
    await hardware.setFan(true);
    assert.equal(await hardware.fanState(), true);
  });
});
