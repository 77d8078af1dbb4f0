/**
 * A device file as Node-RED's user sees it: there and usable, absent, or not for him, with the line that gives him the
 * group. Nothing is opened: looking has no side effects, whatever the device is.
 */
import { posix } from 'node:path';
import { type Access, accessTo, ownership } from '../access-rights';
import type { DoctorContext } from '../context';
import { type Finding, type Mend, missing, ok, warning } from '../finding';

export interface DeviceFile {
  readonly path: string;
  /** Who may open it on Raspberry Pi OS. */
  readonly group: string;
  /** For KERNEL== of udev(7), where a system has no rule of its own. */
  readonly kernelName: string;
  /** What to do where it is not there. */
  readonly absent: Mend;
}

export async function deviceFinding(context: DoctorContext, device: DeviceFile, says: string): Promise<Finding> {
  const access = await accessTo(context.files, context.account, device.path, 'read-write');
  switch (access.kind) {
    case 'allowed':
      return ok(says);
    case 'absent':
      return missing(`${device.path} is not there`, device.absent.how, ...device.absent.lines);
    case 'hidden':
      return warning(`${device.path} could not be looked at`, 'run this again as root', 'sudo npx edge-wasi doctor');
    case 'denied':
      return denied(context, device, access);
  }
}

function denied(context: DoctorContext, device: DeviceFile, { at, status }: Access & { kind: 'denied' }): Finding {
  const { account, accounts } = context;
  const says = `user ${account.name} may not open ${at} (${ownership(status, accounts)})`;
  const groupMayUse = (status.mode & 0o060) === 0o060 && status.gid !== 0;
  if (!groupMayUse) return missing(says, 'no group may open it: add a rule for udev', ...udevLines(context, device));
  const group = accounts.groupName(status.gid);
  if (account.gidsNext.has(status.gid) && !account.gids.has(status.gid))
    return missing(
      `${says}: ${account.via === 'service' ? 'its process' : 'this login'} is older than its group "${group}"`,
      restartHow(context),
      ...restart(context),
    );
  return missing(
    says,
    `give the user the group "${group}"; ${restartHow(context)}`,
    usermod(context, group),
    ...restart(context),
  );
}

function udevLines(context: DoctorContext, { group, kernelName }: DeviceFile): readonly string[] {
  const rule = `KERNEL=="${kernelName}", GROUP="${group}", MODE="0660"`;
  return [
    `sudo groupadd -f ${group}`,
    `echo '${rule}' | sudo tee -a /etc/udev/rules.d/60-edge-wasi.rules`,
    'sudo udevadm control --reload && sudo udevadm trigger',
    usermod(context, group),
    ...restart(context),
  ];
}

function usermod({ account }: DoctorContext, group: string): string {
  return `sudo usermod -aG ${group} ${account.name}`;
}

function restart({ account, service }: DoctorContext): readonly string[] {
  return account.via === 'service' && service.kind === 'found' ? [`sudo systemctl restart ${service.unit}`] : [];
}

function restartHow({ account }: DoctorContext): string {
  return account.via === 'service'
    ? 'Node-RED gets it when it starts again'
    : 'it counts after logging out and in again';
}

/** "i2c-1" of "/dev/i2c-1" */
export function deviceName(path: string): string {
  return posix.basename(path);
}
