/**
 * Which backend drives the devices, by what the user wants and what the machine is. A user who names a backend gets it,
 * whatever the machine: what is missing is then said device by device. `auto` never takes a RevPi for the Raspberry Pi that
 * it is built on, whose pins are other things there.
 */
import { access, readFile } from 'node:fs/promises';
import type { HardwareChoice } from './hardware';

export type HardwareWish = 'auto' | HardwareChoice['kind'];

export interface Machine {
  /** What the device tree calls it; undefined where there is none, or where it is hidden. */
  readonly model: string | undefined;
  /** A RevPi is built on a Raspberry Pi's compute module, and its device tree may name only that. */
  readonly isRevPi: boolean;
}

/** The first is a link to the second on most systems; a hardened service may hide either. */
const MODEL_FILES = ['/proc/device-tree/model', '/sys/firmware/devicetree/base/model'] as const;
/** The device of RevPi's driver, and the folder of its configuration. */
const REVPI_FILES = ['/dev/piControl0', '/etc/revpi'] as const;

const NO_DEVICE_TREE = 'machine without a device tree';

const RASPBERRY_PI = /\braspberry pi\b/i;
const REVPI = /\b(revpi|revolution pi|kunbus)\b/i;

export function chooseHardware(wanted: HardwareWish, machine: Machine): HardwareChoice {
  switch (wanted) {
    case 'simulated':
      return { kind: 'simulated', because: 'hardware is set to "simulated"' };
    case 'raspberry-pi':
    case 'revpi':
      return { kind: wanted, model: machine.model ?? NO_DEVICE_TREE };
    case 'auto':
      return byMachine(machine);
  }
}

export async function readMachine(
  modelFiles: readonly string[] = MODEL_FILES,
  revPiFiles: readonly string[] = REVPI_FILES,
): Promise<Machine> {
  const model = await readDeviceTreeModel(modelFiles);
  const signs = await Promise.all(revPiFiles.map(exists));
  return { model, isRevPi: signs.includes(true) || (model !== undefined && REVPI.test(model)) };
}

function byMachine({ model, isRevPi }: Machine): HardwareChoice {
  if (isRevPi) return { kind: 'revpi', model: model ?? NO_DEVICE_TREE };
  if (model === undefined) {
    return {
      kind: 'simulated',
      because:
        'this machine has no device tree, so it is no Raspberry Pi and no RevPi; if it is one, the device tree is hidden from Node-RED: set hardware to "raspberry-pi" or "revpi"',
    };
  }
  if (RASPBERRY_PI.test(model)) return { kind: 'raspberry-pi', model };
  return { kind: 'simulated', because: `this machine (${model}) is no Raspberry Pi and no RevPi` };
}

async function readDeviceTreeModel(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => '');
    const model = text.replaceAll('\0', '').trim();
    if (model !== '') return model;
  }
  return undefined;
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
