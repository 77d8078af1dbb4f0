/**
 * The driver piControl as a file in the place of /dev/piControl0, and a kernel that answers its ioctls from what the file
 * holds and a configuration has: the logic above the driver, without one. The real calls are made in test/kernel.
 */
import { readFileSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Kernel, KernelError } from '../../../src/hardware/linux/kernel';
import { Notices } from '../../../src/hardware/notices';
import { parseConfigRsc } from '../../../src/hardware/revpi/config-rsc';
import {
  IMAGE_BYTES,
  KB_FIND_VARIABLE,
  KB_GET_DEVICE_INFO_LIST,
  KB_SET_VALUE,
} from '../../../src/hardware/revpi/picontrol-abi';
import { RevPiHardware } from '../../../src/hardware/revpi/revpi-hardware';
import { ManualClock } from '../../support/manual-clock';
import { REPOSITORY } from '../../wasm/components';
import { type Scratch, scratchOf } from '../linux/scratch';
import { settingsWith } from '../settings';

export const CONFIG_RSC = readFileSync(join(REPOSITORY, 'test', 'fixtures', 'revpi', 'config.rsc'), 'utf8');

export interface FakeModule {
  readonly position: number;
  readonly type: number;
  active: number;
  state: number;
  readonly inputs: readonly [number, number];
  readonly outputs: readonly [number, number];
}

/** As the driver lists the fixture's modules: offsets and lengths of inputs and outputs. */
export function fixtureModules(): FakeModule[] {
  return [
    { position: 0, type: 136, active: 1, state: 0, inputs: [0, 6], outputs: [6, 7] },
    { position: 32, type: 103, active: 1, state: 1, inputs: [13, 20], outputs: [33, 4] },
    { position: 33, type: 96, active: 1, state: 1, inputs: [102, 70], outputs: [172, 18] },
    { position: 64, type: 32_768, active: 1, state: 0, inputs: [215, 4], outputs: [219, 4] },
  ];
}

export class FakePiControl {
  readonly modules = fixtureModules();
  /** What the driver has read of PiCtory's file. */
  known = parseConfigRsc(CONFIG_RSC).variables;
  fault: string | undefined;
  bitsSet = 0;

  constructor(readonly file: string) {
    writeFileSync(file, new Uint8Array(IMAGE_BYTES));
  }

  poke(address: number, ...bytes: number[]): void {
    const image = this.image();
    image.set(bytes, address);
    writeFileSync(this.file, image);
  }

  image(): Uint8Array {
    return new Uint8Array(readFileSync(this.file));
  }

  readonly kernel: Kernel = {
    pointerBytes: 8,
    addressOf: () => 1n,
    moveFile: () => undefined,
    ioctlAsync: () => Promise.reject(new KernelError('ENOTTY', 'ioctl')),
    ioctl: (fd, request, argument) => {
      if (this.fault !== undefined) throw new KernelError(this.fault, 'ioctl');
      if (typeof argument === 'number') throw new KernelError('EINVAL', 'ioctl');
      const fields = new DataView(argument.buffer, argument.byteOffset, argument.byteLength);
      switch (request) {
        case KB_FIND_VARIABLE:
          return this.#find(argument, fields);
        case KB_GET_DEVICE_INFO_LIST:
          return this.#list(fields);
        case KB_SET_VALUE:
          return this.#set(fd, fields);
        default:
          throw new KernelError('ENOTTY', 'ioctl');
      }
    },
  };

  #find(argument: Uint8Array, fields: DataView): number {
    const name = Buffer.from(argument.subarray(0, argument.indexOf(0))).toString('utf8');
    const found = this.known.get(name);
    if (found === undefined) throw new KernelError('EFAULT', 'ioctl');
    fields.setUint16(32, found.address, true);
    fields.setUint8(34, found.bit);
    fields.setUint16(36, found.bits, true);
    return 0;
  }

  #list(fields: DataView): number {
    for (const [index, { position, type, active, state, inputs, outputs }] of this.modules.entries()) {
      const at = 72 * index;
      fields.setUint8(at, position);
      fields.setUint16(at + 8, type, true);
      fields.setUint16(at + 20, inputs[1], true);
      fields.setUint16(at + 22, outputs[1], true);
      fields.setUint16(at + 28, inputs[0], true);
      fields.setUint16(at + 30, outputs[0], true);
      fields.setUint8(at + 38, state);
      fields.setUint8(at + 39, active);
    }
    return this.modules.length;
  }

  #set(fd: number, fields: DataView): number {
    const address = fields.getUint16(0, true);
    const mask = 1 << fields.getUint8(2);
    const byte = new Uint8Array(1);
    readSync(fd, byte, 0, 1, address);
    const [before = 0] = byte;
    writeSync(fd, Uint8Array.of(fields.getUint8(3) === 0 ? before & ~mask : before | mask), 0, 1, address);
    this.bitsSet += 1;
    return 0;
  }
}

export interface FakeRevPi {
  readonly hardware: RevPiHardware;
  readonly driver: FakePiControl;
  /** Holds dev/piControl0, config.rsc and sys/. */
  readonly scratch: Scratch;
  readonly said: readonly string[];
}

/** A RevPi Connect 4 with an AIO, a DIO and a virtual module, as test/fixtures/revpi/config.rsc has it. */
export async function fakeRevPi(t: TestContext, settings: Parameters<typeof settingsWith>[1] = {}): Promise<FakeRevPi> {
  const scratch = await scratchOf(t, { 'config.rsc': CONFIG_RSC, 'dev/piControl0': '' });
  const driver = new FakePiControl(join(scratch.folder, 'dev', 'piControl0'));
  const said: string[] = [];
  const hardware = new RevPiHardware(settingsWith({}, settings), {
    devDir: join(scratch.folder, 'dev'),
    sysDir: join(scratch.folder, 'sys'),
    configFile: join(scratch.folder, 'config.rsc'),
    kernel: () => driver.kernel,
    clock: new ManualClock(),
    notices: new Notices(({ level, text }) => said.push(`${level}: ${text}`)),
  });
  return { hardware, driver, scratch, said };
}
