/**
 * Which backend drives the devices, by what the user wants and what the machine's device tree says it is. This version
 * has the simulated backend only and says so: who asks for real hardware is refused, and `auto` on a machine that has
 * some gets simulated values with a reason that names the machine.
 */
import { readFile } from 'node:fs/promises';
import { WasiError } from '../errors';
import type { HardwareChoice } from './hardware';

export type HardwareWish = 'auto' | HardwareChoice['kind'];

/** The first is a link to the second on most systems; a hardened service may hide either. */
const MODEL_FILES = ['/proc/device-tree/model', '/sys/firmware/devicetree/base/model'] as const;

/** A RevPi is built on a Raspberry Pi's compute module and may name either. */
const HARDWARE_TO_COME = /\b(raspberry pi|revpi|revolution pi|kunbus)\b/i;

/** Throws HARDWARE_MISSING. `deviceTreeModel` is undefined on a machine without a device tree. */
export function chooseHardware(wanted: HardwareWish, deviceTreeModel: string | undefined): HardwareChoice {
  switch (wanted) {
    case 'simulated':
      return { kind: 'simulated', because: 'hardware is set to "simulated"' };
    case 'raspberry-pi':
    case 'revpi':
      throw new WasiError(
        'HARDWARE_MISSING',
        `hardware is set to "${wanted}", but this version drives simulated hardware only: set it to "simulated" (or "auto") in the wasi-runtime node`,
      );
    case 'auto':
      return { kind: 'simulated', because: reasonFor(deviceTreeModel) };
  }
}

/** What the device tree calls this machine, or undefined where there is none. */
export async function readDeviceTreeModel(files: readonly string[] = MODEL_FILES): Promise<string | undefined> {
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => '');
    const model = text.replaceAll('\0', '').trim();
    if (model !== '') return model;
  }
  return undefined;
}

function reasonFor(model: string | undefined): string {
  if (model === undefined) return 'this machine has no device tree, so it is no Raspberry Pi and no RevPi';
  if (HARDWARE_TO_COME.test(model)) return `this is a ${model}, but this version drives simulated hardware only`;
  return `this machine (${model}) is no Raspberry Pi and no RevPi`;
}
