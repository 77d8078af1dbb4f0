/**
 * What the Raspberry Pi's firmware says of supply and throttling, as flags of now and since the start (Raspberry Pi
 * documentation, "vcgencmd get_throttled"). The hwmon device rpi_volt is asked first: it knows under-voltage only, but the
 * older file get_throttled makes the kernel log a warning when it is first read ("deprecated, use hwmon sysfs instead",
 * drivers/firmware/raspberrypi.c).
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Whether it is so, and whether it was since the start. */
export interface Flag {
  readonly now: boolean;
  readonly sinceStart: boolean;
}

export interface ThrottlingFlags {
  readonly underVoltage: Flag;
  readonly frequencyCapped: Flag;
  readonly throttled: Flag;
  readonly softTemperatureLimit: Flag;
}

const UNDER_VOLTAGE_BIT = 0;
const FREQUENCY_CAPPED_BIT = 1;
const THROTTLED_BIT = 2;
const SOFT_TEMPERATURE_LIMIT_BIT = 3;
const SINCE_START_SHIFT = 16;

export function parseThrottled(word: number): ThrottlingFlags {
  const flag = (bit: number): Flag => ({
    now: ((word >>> bit) & 1) === 1,
    sinceStart: ((word >>> (bit + SINCE_START_SHIFT)) & 1) === 1,
  });
  return Object.freeze({
    underVoltage: flag(UNDER_VOLTAGE_BIT),
    frequencyCapped: flag(FREQUENCY_CAPPED_BIT),
    throttled: flag(THROTTLED_BIT),
    softTemperatureLimit: flag(SOFT_TEMPERATURE_LIMIT_BIT),
  });
}

/** Undefined where the machine does not say. */
export async function readThrottling(sysDir: string): Promise<ThrottlingFlags | undefined> {
  const word = (await hwmonAlarm(sysDir)) ?? (await firmwareWord(sysDir));
  return word === undefined ? undefined : parseThrottled(word);
}

async function hwmonAlarm(sysDir: string): Promise<number | undefined> {
  const folder = join(sysDir, 'class', 'hwmon');
  for (const entry of await entriesOf(folder)) {
    if ((await textOf(join(folder, entry, 'name'))) !== 'rpi_volt') continue;
    const alarm = await textOf(join(folder, entry, 'in0_lcrit_alarm'));
    if (alarm === '0' || alarm === '1') return Number(alarm) << UNDER_VOLTAGE_BIT;
  }
  return undefined;
}

/** soc/soc:firmware, and soc@107c000000/soc@107c000000:firmware on a Raspberry Pi 5. */
async function firmwareWord(sysDir: string): Promise<number | undefined> {
  const platform = join(sysDir, 'devices', 'platform');
  for (const soc of (await entriesOf(platform)).filter((entry) => /^soc(@|$)/.test(entry))) {
    const text = await textOf(join(platform, soc, `${soc}:firmware`, 'get_throttled'));
    if (/^[0-9a-f]{1,8}$/i.test(text)) return Number.parseInt(text, 16);
  }
  return undefined;
}

async function entriesOf(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

async function textOf(file: string): Promise<string> {
  return (await readFile(file, 'utf8').catch(() => '')).trim();
}
