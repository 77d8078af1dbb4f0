/** Which file descriptors the search for the GPIO controller closes, by a kernel that answers as it is told over real files. */
import assert from 'node:assert/strict';
import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, it } from 'node:test';
import { GPIO_GET_CHIPINFO, GPIO_V2_GET_LINE } from '../../../src/hardware/linux/gpio-abi';
import { requestOutput } from '../../../src/hardware/linux/gpio-chip';
import { type Kernel, KernelError } from '../../../src/hardware/linux/kernel';
import { scratchOf } from './scratch';

const LABEL_AT = 32;
const REQUEST_FD_AT = 588;
const HEADER = 'pinctrl-bcm2711';
const FOLDER = '/proc/self/fd';

type Chips = Readonly<Record<string, string | KernelError>>;

/** `chips`: the label of each, or what it answers with; the line is a file of its own. */
class ToldKernel implements Kernel {
  readonly pointerBytes = 8;
  readonly asked: string[] = [];

  constructor(
    readonly chips: Chips,
    readonly moved: KernelError | undefined = undefined,
  ) {}

  ioctl(fd: number, request: number, argument: Uint8Array | number): number {
    assert.ok(typeof argument === 'object');
    const chip = basename(readlinkSync(`${FOLDER}/${fd}`));
    if (request === GPIO_GET_CHIPINFO) {
      this.asked.push(chip);
      const label = this.chips[chip] ?? '';
      if (label instanceof KernelError) throw label;
      argument.set(new TextEncoder().encode(label), LABEL_AT);
    } else if (request === GPIO_V2_GET_LINE) {
      new DataView(argument.buffer).setInt32(REQUEST_FD_AT, openSync('/dev/zero', 'r'), true);
    }
    return 0;
  }

  /** As the real one: `fd` is closed whatever happens. */
  moveFile(fd: number): void {
    closeSync(fd);
    if (this.moved) throw this.moved;
  }

  ioctlAsync(): Promise<number> {
    return assert.fail('nothing sleeps');
  }

  addressOf(): bigint {
    return assert.fail('nothing is pointed to');
  }
}

/** What this process has open below `folder`, and of what a line is made. */
function opened(folder: string): string[] {
  return readdirSync(FOLDER).flatMap((fd) => {
    try {
      const path = readlinkSync(`${FOLDER}/${fd}`);
      return path.startsWith(folder) || path === '/dev/zero' ? [path] : [];
    } catch {
      // The one that listed the folder.
      return [];
    }
  });
}

describe('the GPIO controller of the header', { skip: process.platform !== 'linux' && 'it needs /proc' }, () => {
  for (const [name, chips, outcome] of [
    ['is found behind others', { gpiochip0: 'brcmvirt-gpio', gpiochip1: HEADER }, undefined],
    [
      'is found behind one that vanished meanwhile',
      { gpiochip0: new KernelError('ENODEV', 'ioctl'), gpiochip1: HEADER },
      undefined,
    ],
    [
      'is found behind one that does not answer',
      { gpiochip0: new KernelError('EIO', 'ioctl'), gpiochip1: HEADER },
      undefined,
    ],
    ['is missing where no chip is it', { gpiochip0: 'other' }, { code: 'HARDWARE_MISSING' }],
    ['is missing where it vanished', { gpiochip0: new KernelError('ENODEV', 'ioctl') }, { code: 'HARDWARE_MISSING' }],
    [
      'says what the only chip answered',
      { gpiochip0: new KernelError('EIO', 'ioctl') },
      { code: 'HARDWARE_IO', message: /the GPIO controller failed \(.*gpiochip0, ioctl: EIO\)/ },
    ],
  ] as const) {
    it(`${name}, and no chip stays open`, async (t) => {
      const { folder } = await scratchOf(t, Object.fromEntries(Object.keys(chips).map((chip) => [chip, ''])));
      const kernel = new ToldKernel(chips);
      if (outcome === undefined) requestOutput(kernel, folder, 17, 'buzzer').close();
      else assert.throws(() => requestOutput(kernel, folder, 17, 'buzzer'), outcome);
      assert.deepEqual(kernel.asked.sort(), Object.keys(chips), 'each was looked at once');
      assert.deepEqual(opened(folder), []);
    });
  }

  it('leaves no line open where it could not be taken over', async (t) => {
    const { folder } = await scratchOf(t, { gpiochip0: '' });
    const kernel = new ToldKernel({ gpiochip0: HEADER }, new KernelError('EBADF', 'dup3'));
    assert.throws(() => requestOutput(kernel, folder, 17, 'buzzer'), { code: 'EBADF' });
    assert.deepEqual(opened(folder), []);
  });
});
