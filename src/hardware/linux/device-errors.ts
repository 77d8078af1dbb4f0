/**
 * The kernel's error codes as WasiErrors: what is missing and how to turn it on, who may not open it and which group
 * would let him. Every text ends with what to do next.
 */

import { userInfo } from 'node:os';
import { WasiError } from '../../errors/wasi-error';
import { errnoOf } from '../../platform/errno';

/** A device file as people know it. */
export interface DeviceFile {
  /** "I²C bus 1". */
  readonly what: string;
  readonly path: string;
  /** Who may open it on Raspberry Pi OS, and on a RevPi. */
  readonly group: 'gpio' | 'i2c' | 'spi' | 'dialout' | 'picontrol';
  /** How to have it: "add … to /boot/firmware/config.txt and reboot". */
  readonly enable: string;
}

/** No such file, or a file whose device is gone. */
const ABSENT: readonly (string | undefined)[] = ['ENOENT', 'ENODEV', 'ENXIO', 'ENOTDIR', 'ESHUTDOWN'];
const REFUSED: readonly (string | undefined)[] = ['EACCES', 'EPERM'];

/** A device that was open and is no longer there: EIO is what a serial port says that was pulled out. */
export function isGone(error: unknown): boolean {
  return errnoOf(error) === 'EIO' || ABSENT.includes(errnoOf(error));
}

/** For opening and for anything that has no better words. A WasiError stays what it is. */
export function deviceError(error: unknown, device: DeviceFile): WasiError {
  if (error instanceof WasiError) return error;
  const { what, path, group, enable } = device;
  const code = errnoOf(error);
  if (ABSENT.includes(code)) {
    return new WasiError('HARDWARE_MISSING', `${what} is not there (${path}, ${code}): ${enable}`, { cause: error });
  }
  if (REFUSED.includes(code)) {
    return new WasiError('HARDWARE_PERMISSION', `${what} may not be opened (${path}, ${code}): ${groupAdvice(group)}`, {
      cause: error,
    });
  }
  if (code === 'EBUSY') {
    return new WasiError(
      'HARDWARE_IO',
      `${what} is in use by another program or driver (${path}, EBUSY): end that one, or choose another device`,
      { cause: error },
    );
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new WasiError('HARDWARE_IO', `${what} failed (${path}, ${reason}): check its wiring and supply`, {
    cause: error,
  });
}

export function groupAdvice(group: DeviceFile['group']): string {
  const user = userName();
  // systemd does not start a service with a group that the machine does not have.
  const groups = group === 'picontrol' ? 'dialout picontrol i2c gpio spi' : 'dialout i2c gpio spi';
  return `user ${user} needs the group "${group}": run \`sudo usermod -aG ${group} ${user}\` and log in again; a systemd service needs \`SupplementaryGroups=${groups}\` under [Service] (\`sudo systemctl edit\`) and a restart`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A service may run under a number that has no name.
    return String(process.getuid?.() ?? 'of this process');
  }
}
