/**
 * A device file as Node-RED's user sees it: there and usable, absent, or not for him, with the line that gives him the
 * group. Nothing is opened: looking has no side effects, whatever the device is.
 */
import { posix } from 'node:path';
import { type Access, accessTo, ownership } from '../access-rights';
import { describedMend, deviceLines, type FoundContainer, mendOutside } from '../container';
import type { DoctorContext } from '../context';
import { type Finding, missing, ok, warning } from '../finding';
import type { Fix } from '../fix';
import type { SystemFiles } from '../system-files';
import { againAsRoot } from './again-as-root';

export interface DeviceFile {
  readonly path: string;
  /** Who may open it on Raspberry Pi OS. */
  readonly group: string;
  /** For KERNEL== of udev(7), where a system has no rule of its own. */
  readonly kernelName: string;
  /** What to do where it is not there. */
  readonly absent: Fix;
}

export async function deviceFinding(context: DoctorContext, device: DeviceFile, says: string): Promise<Finding> {
  const access = await accessTo(context.files, context.account, device.path, 'read-write');
  switch (access.kind) {
    case 'allowed':
      return ok(says);
    case 'absent':
      return absent(context, device);
    case 'hidden':
      return warning(`${device.path} could not be looked at`, 'run this again as root', againAsRoot(context));
    case 'denied':
      return denied(context, device, access);
  }
}

async function absent({ files, container }: DoctorContext, device: DeviceFile): Promise<Finding> {
  const says = `${device.path} is not there`;
  if (container.kind === 'none') return missing(says, device.absent.how, ...device.absent.lines);
  if (await isOutside(files, device.path)) {
    const { how, lines } = describedMend(container, 'the machine has it', deviceLines(container, device.path));
    return missing(`${says}: the container was not given it`, how, ...lines);
  }
  const { how, lines } = mendOutside(device.absent);
  return missing(`${says}, nor does the machine seem to have it`, `${how}; then give it to the container`, ...lines);
}

/** The kernel shows a container the whole of /sys, where its devices have their numbers under their names. */
async function isOutside(files: SystemFiles, path: string): Promise<boolean> {
  const name = deviceName(path);
  for (const kind of ['i2c-dev', 'spidev', 'tty', 'gpio', 'ws2812', 'piControl'])
    if (await files.exists(`/sys/class/${kind}/${name}`)) return true;
  return files.exists(`/sys/bus/gpio/devices/${name}`);
}

function groupMend(container: FoundContainer, says: string, gid: number): Finding {
  if (container.kind === 'home-assistant')
    return missing(says, 'an add-on runs as root: look whether its image starts Node-RED as somebody else');
  const { how, lines } = describedMend(container, "give Node-RED's user the group of the device by its number", [
    'group_add:',
    `  - "${gid}"`,
  ]);
  return missing(says, how, ...lines);
}

function denied(context: DoctorContext, device: DeviceFile, { at, status }: Access & { kind: 'denied' }): Finding {
  const { account, accounts, container } = context;
  const says = `user ${account.name} may not open ${at} (${ownership(status, accounts)})`;
  const groupMayUse = (status.mode & 0o060) === 0o060 && status.gid !== 0;
  if (container.kind !== 'none') {
    if (groupMayUse) return groupMend(container, says, status.gid);
    const outside = mendOutside({ how: 'no group may open it: add a rule for udev', lines: ruleLines(device) });
    return missing(says, `${outside.how}; then start the container anew and run this again`, ...outside.lines);
  }
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

function udevLines(context: DoctorContext, device: DeviceFile): readonly string[] {
  return [...ruleLines(device), usermod(context, device.group), ...restart(context)];
}

function ruleLines({ group, kernelName }: DeviceFile): readonly string[] {
  const rule = `KERNEL=="${kernelName}", GROUP="${group}", MODE="0660"`;
  return [
    `sudo groupadd -f ${group}`,
    `echo '${rule}' | sudo tee -a /etc/udev/rules.d/60-edge-wasi.rules`,
    'sudo udevadm control --reload && sudo udevadm trigger',
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
