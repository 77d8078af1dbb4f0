/**
 * What the firmware says of the supply: flags of now and since the start (Raspberry Pi documentation, "vcgencmd
 * get_throttled"). The hwmon device rpi_volt knows under-voltage of now only, so it is asked where the other is not there.
 */
import type { DoctorContext } from '../context';
import { type Check, ok, skipped, warning } from '../finding';

const FLAGS = ['under-voltage', 'frequency capped', 'throttled', 'soft temperature limit'];
const SINCE_START_SHIFT = 16;
const UNDER_VOLTAGE = 0b1;
const HEAT = 0b1110;

export const supply: Check = {
  id: 'supply',
  group: 'devices',
  title: 'Supply',
  async run(context) {
    if (context.board.kind === 'other') return skipped('simulated hardware is used on this machine');
    const word = await throttledWord(context);
    if (word === undefined) return skipped('the firmware does not say');
    const either = word | (word >>> SINCE_START_SHIFT);
    const named = FLAGS.flatMap((flag, bit) => {
      if (((word >>> bit) & 1) === 1) return `${flag} now`;
      return ((word >>> (bit + SINCE_START_SHIFT)) & 1) === 1 ? `${flag} since the start` : [];
    }).join(', ');
    if ((either & UNDER_VOLTAGE) !== 0)
      return warning(
        named,
        'use the official supply (5.1 V, 3 A; 5 A for a Raspberry Pi 5) and feed a long strip from one of its own',
      );
    if ((either & HEAT) !== 0) return warning(named, 'cool the processor');
    return ok('no under-voltage since the start');
  },
};

/** soc/soc:firmware, and soc@107c000000/soc@107c000000:firmware on a Raspberry Pi 5. */
async function throttledWord({ files }: DoctorContext): Promise<number | undefined> {
  const platform = '/sys/devices/platform';
  for (const soc of (await files.entries(platform)).filter((entry) => /^soc(@|$)/.test(entry))) {
    const text = (await files.text(`${platform}/${soc}/${soc}:firmware/get_throttled`)) ?? '';
    if (/^[0-9a-f]{1,8}$/i.test(text)) return Number.parseInt(text, 16);
  }
  for (const entry of await files.entries('/sys/class/hwmon')) {
    if ((await files.text(`/sys/class/hwmon/${entry}/name`)) !== 'rpi_volt') continue;
    const alarm = await files.text(`/sys/class/hwmon/${entry}/in0_lcrit_alarm`);
    if (alarm === '0' || alarm === '1') return Number(alarm);
  }
  return undefined;
}
