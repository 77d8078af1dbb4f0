/**
 * Which board this is, by the model in its device tree, and what follows from that: the label of the header's GPIO
 * controller, the filters of config.txt that hold for it, and how its core clock is pinned for the LED strip.
 *
 * Sources: Raspberry Pi documentation, "config.txt", section "Conditional filters"; rpi_ws281x's README, section "SPI",
 * for the clocks. A Raspberry Pi 5 has its SPI clock in RP1, which no power saving changes.
 */
import type { Container } from './container';
import type { SystemFiles } from './system-files';

export type Board =
  | {
      readonly kind: 'raspberry-pi';
      readonly model: string;
      readonly family: PiFamily;
      /** A container has no device tree; what Raspberry Pi OS's kernel writes at the end of cpuinfo it has. */
      readonly saidBy: 'device-tree' | 'cpuinfo';
    }
  | { readonly kind: 'revpi'; readonly model: string }
  | { readonly kind: 'other'; readonly model: string | undefined };

export interface PiFamily {
  /** As users call it. */
  readonly name: string;
  /** What the kernel calls the driver's chip; the device tree's name of the controller. */
  readonly gpioLabel: string;
  readonly gpioCompatible: string;
  /** Sections of config.txt that hold here, besides [all]. */
  readonly filters: readonly string[];
  /** Lines of config.txt, as key and value. */
  readonly clockLines: readonly (readonly [string, string])[];
}

const BCM2835 = { gpioLabel: 'pinctrl-bcm2835', gpioCompatible: 'brcm,bcm2835-gpio' };
const CORE_250 = [['core_freq', '250']] as const;
const CORE_500 = [
  ['core_freq', '500'],
  ['core_freq_min', '500'],
] as const;

const FAMILIES: readonly (readonly [RegExp, PiFamily])[] = [
  [/Zero 2/i, { name: 'Zero 2 W', ...BCM2835, filters: ['pi0', 'pi0w', 'pi02'], clockLines: CORE_250 }],
  [/Zero/i, { name: 'Zero', ...BCM2835, filters: ['pi0', 'pi0w'], clockLines: CORE_250 }],
  [
    /(Raspberry Pi|Compute Module) (5|500)\b/i,
    {
      name: '5',
      gpioLabel: 'pinctrl-rp1',
      gpioCompatible: 'raspberrypi,rp1-gpio',
      filters: ['pi5', 'pi500', 'cm5'],
      clockLines: [],
    },
  ],
  [
    /(Raspberry Pi|Compute Module) (4|400)\b/i,
    {
      name: '4',
      gpioLabel: 'pinctrl-bcm2711',
      gpioCompatible: 'brcm,bcm2711-gpio',
      filters: ['pi4', 'pi400', 'cm4', 'cm4s'],
      clockLines: CORE_500,
    },
  ],
  [/(Raspberry Pi|Compute Module) 3/i, { name: '3', ...BCM2835, filters: ['pi3', 'pi3+'], clockLines: CORE_250 }],
];
/** The first boards, and any that is newer than this table. */
const UNKNOWN_FAMILY: PiFamily = { name: 'unknown', ...BCM2835, filters: [], clockLines: [] };

/** The first is a link to the second; a hardened service may hide either. */
const MODEL_FILES = ['/proc/device-tree/model', '/sys/firmware/devicetree/base/model'];
const REVPI_SIGNS = ['/dev/piControl0', '/etc/revpi'];
const REVPI = /\b(revpi|revolution pi|kunbus)\b/i;

export async function readBoard(files: SystemFiles, container: Container): Promise<Board> {
  const inTree = await readModel(files);
  const model = inTree ?? (container.kind === 'none' ? undefined : await modelOfCpuInfo(files));
  const signs = await Promise.all(REVPI_SIGNS.map((path) => files.exists(path)));
  // A RevPi is built on a compute module, and its device tree may name only that.
  if (signs.includes(true) || (model !== undefined && REVPI.test(model)))
    return { kind: 'revpi', model: model ?? 'RevPi without a device tree' };
  if (model === undefined || !/raspberry pi/i.test(model)) return { kind: 'other', model };
  const family = FAMILIES.find(([pattern]) => pattern.test(model))?.[1] ?? UNKNOWN_FAMILY;
  return { kind: 'raspberry-pi', model, family, saidBy: inTree === undefined ? 'cpuinfo' : 'device-tree' };
}

async function modelOfCpuInfo(files: SystemFiles): Promise<string | undefined> {
  return /^Model\s*:\s*(\S.*)$/m.exec((await files.text('/proc/cpuinfo')) ?? '')?.[1];
}

async function readModel(files: SystemFiles): Promise<string | undefined> {
  for (const path of MODEL_FILES) {
    const model = await files.text(path);
    if (model !== undefined && model !== '') return model;
  }
  return undefined;
}
