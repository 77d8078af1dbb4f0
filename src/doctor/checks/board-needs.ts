/** When a check of a device is worth running: on a machine with such devices, and where host.toml can be read. */
import type { PiFamily } from '../board';
import type { DoctorContext } from '../context';
import { type Finding, skipped } from '../finding';
import type { Needs } from '../needs';

type Look<T> = (needs: Needs, family: T) => Finding | Promise<Finding>;

/** What only the header of a Raspberry Pi has. */
export function onRaspberryPi(
  { board, configuration }: DoctorContext,
  look: Look<PiFamily>,
): Finding | Promise<Finding> {
  if (board.kind === 'other') return skipped('simulated hardware is used on this machine');
  if (board.kind === 'revpi') return skipped('a RevPi has no such header');
  if (configuration.kind !== 'read') return skipped('mend host.toml first');
  return look(configuration.needs, board.family);
}

/** What a RevPi has, too. */
export function onRealHardware(
  { board, configuration }: DoctorContext,
  look: Look<undefined>,
): Finding | Promise<Finding> {
  if (board.kind === 'other') return skipped('simulated hardware is used on this machine');
  if (configuration.kind !== 'read') return skipped('mend host.toml first');
  return look(configuration.needs, undefined);
}
