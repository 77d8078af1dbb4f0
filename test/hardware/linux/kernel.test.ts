/** When koffi is loaded, and what is said where it cannot be. Each in a process of its own: what is loaded stays loaded. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadKernel } from '../../../src/hardware/linux/kernel';

const SRC = join(__dirname, '..', '..', '..', 'src');
const skip = process.platform === 'linux' ? false : 'real devices are driven on Linux only';

/** What a script prints; `load(path)` requires a module of src/. */
function printedBy(script: string): string {
  const load = `const load = (path) => require(require('node:path').join(${JSON.stringify(SRC)}, path));`;
  return execFileSync(process.execPath, ['-e', `${load}\n${script}`], { encoding: 'utf8' }).trim();
}

const HAS_KOFFI = "Object.keys(require.cache).some((file) => file.includes('koffi'))";

describe("the kernel's calls", { skip }, () => {
  it('are loaded by the first real device, and never for simulated hardware', () => {
    const printed = printedBy(`
      const { settingsWith } = load('../test/hardware/settings.js');
      const { SimulatedHardware } = load('hardware/simulated/simulated-hardware.js');
      const { RaspberryPiHardware } = load('hardware/linux/raspberry-pi-hardware.js');
      const { loadKernel } = load('hardware/linux/kernel.js');
      const simulated = new SimulatedHardware(settingsWith());
      simulated.readBme680(1, 0x77).then(async () => {
        await simulated.close();
        const before = ${HAS_KOFFI};
        loadKernel();
        console.log(before, ${HAS_KOFFI});
      });`);
    assert.equal(printed, 'false true');
  });

  it('say what to do where koffi is missing or broken, for each device that needs them', () => {
    const printed = printedBy(`
      const Module = require('node:module');
      const original = Module._load;
      Module._load = (name, ...rest) => {
        if (name === 'koffi') throw new Error("Cannot find the native Koffi module\\nmore lines");
        return original(name, ...rest);
      };
      try { load('hardware/linux/kernel.js').loadKernel(); } catch (error) { console.log(error.code, error.message); }`);
    assert.match(printed, /^HARDWARE_MISSING GPIO, I²C, SPI and serial ports need the package koffi/);
    assert.match(printed, /Cannot find the native Koffi module\): run `npm rebuild koffi`/);
  });

  it('fail with the name of the error of their own call, waited for or not', async () => {
    const kernel = loadKernel();
    const fd = openSync('/dev/null', constants.O_RDWR);
    try {
      const notATerminal = { name: 'KernelError', code: 'ENOTTY' };
      assert.throws(() => kernel.ioctl(fd, 0x5413, new Uint8Array(8)), notATerminal);
      assert.throws(() => kernel.ioctl(fd, 0x540b, 1), notATerminal);
      const both = await Promise.allSettled([
        kernel.ioctlAsync(fd, 0x5413, new Uint8Array(8), []),
        kernel.ioctlAsync(1_000_000, 0x5413, new Uint8Array(8), []),
      ]);
      const codes = both.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : 'done'));
      assert.deepEqual(codes, ['ENOTTY', 'EBADF']);
    } finally {
      closeSync(fd);
    }
  });

  it('move a file to the place of another and leave none open twice', () => {
    const from = openSync(__filename, constants.O_RDONLY);
    const place = openSync('/dev/null', constants.O_RDONLY);
    loadKernel().moveFile(from, place);
    assert.equal(readlinkSync(`/proc/self/fd/${place}`), __filename);
    assert.throws(() => readlinkSync(`/proc/self/fd/${from}`), { code: 'ENOENT' });
    closeSync(place);
  });
});
