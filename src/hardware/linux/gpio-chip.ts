/**
 * The GPIO controller of the 40-pin header and one output line of it. The controller is found by its label: its number
 * changed between kernels (a Raspberry Pi 5's was gpiochip4 and became gpiochip0).
 *
 * What the kernel does with a requested line: it belongs to one file descriptor, and nobody else can request it (EBUSY)
 * until that is closed. The kernel closes it also when the process crashes or is killed, SIGKILL included. The line is then
 * free, but which level it has is the pin controller's choice: the plain kernel makes it an input again, so a relay
 * falls to its pull resistor; Raspberry Pi OS keeps the last output (`persist_gpio_outputs`), so a fan that was on stays on
 * until the next start, unless `dtparam=strict_gpiod` is in /boot/firmware/config.txt.
 */

import { closeSync, constants, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { WasiError } from '../../errors/wasi-error';
import { errnoOf } from '../../platform/errno';
import { deviceError } from './device-errors';
import * as abi from './gpio-abi';
import type { Kernel } from './kernel';

/** Raspberry Pi 0 to 3, 4, and 5 (drivers/pinctrl/bcm/pinctrl-bcm2835.c, drivers/pinctrl/pinctrl-rp1.c). */
const HEADER_LABELS: readonly string[] = ['pinctrl-bcm2835', 'pinctrl-bcm2711', 'pinctrl-rp1'];

/** What `gpioinfo` and other programs' errors show. */
const CONSUMER = 'node-red-wasi';

/** Tracked by Node, so that it is closed with the thread that opened it. */
const PLACEHOLDER = '/dev/null';

export interface OutputLine {
  set(active: boolean): void;
  isActive(): boolean;
  close(): void;
}

/** `what` uses the line, for messages. Throws WasiError. */
export function requestOutput(kernel: Kernel, devDir: string, offset: number, what: string): OutputLine {
  const chip = openHeaderChip(kernel, devDir);
  try {
    return ownedLine(kernel, () => lineFd(kernel, chip, offset, what));
  } finally {
    closeSync(chip.fd);
  }
}

interface OpenChip {
  readonly fd: number;
  readonly path: string;
}

function openHeaderChip(kernel: Kernel, devDir: string): OpenChip {
  let refused: unknown;
  for (const name of readdirSync(devDir).filter((entry) => /^gpiochip\d+$/.test(entry))) {
    const path = join(devDir, name);
    let fd: number;
    try {
      fd = openSync(path, constants.O_RDWR);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') refused ??= deviceError(error, chipFile(path));
      continue;
    }
    try {
      if (isHeader(kernel, fd)) return { fd, path };
    } catch (error) {
      refused ??= deviceError(error, chipFile(path));
    }
    closeSync(fd);
  }
  if (refused !== undefined) throw refused;
  throw new WasiError(
    'HARDWARE_MISSING',
    `no GPIO controller of a Raspberry Pi is below ${devDir} (looked for ${HEADER_LABELS.join(', ')}): is this a Raspberry Pi, and may this service see its devices (PrivateDevices=no)?`,
  );
}

/** A chip that vanishes while it is looked at is no header. The descriptor stays its caller's. */
function isHeader(kernel: Kernel, fd: number): boolean {
  const info = abi.emptyChipInfo();
  try {
    kernel.ioctl(fd, abi.GPIO_GET_CHIPINFO, info);
  } catch (error) {
    if (errnoOf(error) === 'ENODEV') return false;
    throw error;
  }
  return HEADER_LABELS.includes(abi.chipLabel(info));
}

function lineFd(kernel: Kernel, chip: OpenChip, offset: number, what: string): number {
  const request = abi.activeLowOutputRequest(offset, CONSUMER);
  try {
    kernel.ioctl(chip.fd, abi.GPIO_V2_GET_LINE, request);
  } catch (error) {
    if (errnoOf(error) !== 'EBUSY') throw deviceError(error, chipFile(chip.path));
    const by = consumerOf(kernel, chip.fd, offset);
    throw new WasiError(
      'HARDWARE_IO',
      `GPIO ${offset} (${what}) is in use by ${by} (EBUSY): end it, or take its overlay out of /boot/firmware/config.txt, or choose another pin in host.toml`,
      { cause: error },
    );
  }
  return abi.requestedFd(request);
}

function consumerOf(kernel: Kernel, chipFd: number, offset: number): string {
  const info = abi.lineInfoOf(offset);
  kernel.ioctl(chipFd, abi.GPIO_V2_GET_LINEINFO, info);
  const consumer = abi.lineConsumer(info);
  if (consumer === '') return 'a program or driver that does not give its name';
  return consumer === CONSUMER ? `"${consumer}": another Node-RED on this machine` : `"${consumer}"`;
}

/**
 * Node closes the files that a thread opened when the thread ends, however it ends; of a descriptor that the kernel made
 * it knows nothing. So the line takes the place of a file that Node opened, and that is opened first: where it cannot be, no
 * line is left requested that nobody closes.
 */
function ownedLine(kernel: Kernel, request: () => number): OutputLine {
  const fd = openSync(PLACEHOLDER, constants.O_RDONLY);
  try {
    kernel.moveFile(request(), fd);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return {
    set: (active) => void kernel.ioctl(fd, abi.GPIO_V2_LINE_SET_VALUES, abi.lineValues(active)),
    isActive: () => {
      const values = abi.lineValues(false);
      kernel.ioctl(fd, abi.GPIO_V2_LINE_GET_VALUES, values);
      return abi.isActive(values);
    },
    close: () => closeSync(fd),
  };
}

function chipFile(path: string) {
  return {
    what: 'the GPIO controller',
    path,
    group: 'gpio' as const,
    enable: 'it was unplugged or its driver was removed',
  };
}
