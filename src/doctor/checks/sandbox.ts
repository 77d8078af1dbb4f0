/**
 * What the sandbox of Node-RED's service hides from it, and the drop-in that opens just that. Of the groups only those
 * that exist are named: systemd starts no service with a group that does not (status 216/GROUP).
 */
import { posix } from 'node:path';
import type { DoctorContext } from '../context';
import { type Check, missing, ok, skipped } from '../finding';
import type { Needs } from '../needs';
import type { NodeRedService, Sandbox } from '../service-unit';

const DEVICE_GROUPS = ['dialout', 'picontrol', 'i2c', 'gpio', 'spi'];
const LISTING_POLICIES = ['closed', 'strict'];

export const serviceSandbox: Check = {
  id: 'service',
  group: 'node-red',
  title: 'Service',
  async run(context) {
    const { service, board } = context;
    if (service.kind === 'none') return skipped(`${service.because}; Node-RED is started by hand or by something else`);
    const state = service.isRunning ? 'running' : 'not running';
    const hidden = await hiddenBy(context, service.sandbox);
    if (hidden.length === 0)
      return ok(`${service.unit}, ${state}${board.kind === 'other' ? '' : ', sees the devices'}`);
    return missing(
      `${service.unit}, ${state}: ${hidden.join('; ')}`,
      `\`sudo systemctl edit ${service.unit}\`, paste, then \`sudo systemctl restart ${service.unit}\``,
      ...(await dropIn(context, service)),
    );
  },
};

async function hiddenBy(context: DoctorContext, sandbox: Sandbox): Promise<readonly string[]> {
  const { userDir } = context;
  const wanted = await wantedDevices(context);
  const found: string[] = [];
  if (sandbox.privateDevices && wanted.length > 0) found.push('PrivateDevices=yes hides every device');
  const unlisted = unlistedDevices(sandbox, wanted);
  if (unlisted.length > 0) found.push(`DevicePolicy=${sandbox.devicePolicy} keeps it from ${unlisted.join(', ')}`);
  const inaccessible = wanted.filter((path) => isBelowAny(path, sandbox.inaccessiblePaths));
  if (inaccessible.length > 0) found.push(`InaccessiblePaths= hides ${inaccessible.join(', ')}`);
  if (!mayWrite(sandbox, userDir)) found.push(`ProtectSystem=${sandbox.protectSystem} makes ${userDir} read-only`);
  if (isHomeHidden(sandbox, userDir)) found.push(`ProtectHome=${sandbox.protectHome} takes ${userDir} away`);
  return found;
}

async function dropIn(context: DoctorContext, { sandbox }: NodeRedService): Promise<readonly string[]> {
  const { accounts, userDir } = context;
  const wanted = await wantedDevices(context);
  const groups = DEVICE_GROUPS.filter((group) => accounts.group(group) !== undefined);
  return [
    '[Service]',
    ...(groups.length > 0 ? [`SupplementaryGroups=${groups.join(' ')}`] : []),
    ...(sandbox.privateDevices ? ['PrivateDevices=no'] : []),
    ...unlistedDevices({ ...sandbox, privateDevices: false }, wanted).map((path) => `DeviceAllow=${path} rw`),
    ...(mayWrite(sandbox, userDir) ? [] : [`ReadWritePaths=${userDir}`]),
    ...(isHomeHidden(sandbox, userDir) ? ['ProtectHome=no'] : []),
    // An empty value forgets what the unit listed.
    ...(wanted.some((path) => isBelowAny(path, sandbox.inaccessiblePaths)) ? ['InaccessiblePaths='] : []),
  ];
}

/** Device files that host.toml asks for and that are there. */
async function wantedDevices({ files, board, configuration }: DoctorContext): Promise<readonly string[]> {
  if (board.kind === 'other' || configuration.kind !== 'read') return [];
  const { needs } = configuration;
  const header = board.kind === 'raspberry-pi' ? await headerDevices(needs, await files.entries('/dev')) : [];
  const image = board.kind === 'revpi' && needs.processImage ? ['/dev/piControl0'] : [];
  const paths = [...header, ...image, ...needs.serialPorts];
  const there = await Promise.all(paths.map((path) => files.exists(path)));
  return paths.filter((_, index) => there[index]);
}

function headerDevices({ relays, i2cBuses, strip, spi }: Needs, dev: readonly string[]): readonly string[] {
  const stripDevice = dev.includes('leds0') ? '/dev/leds0' : '/dev/spidev0.0';
  return [
    ...new Set([
      ...(relays.length > 0 ? dev.filter((name) => /^gpiochip\d+$/.test(name)).map((name) => `/dev/${name}`) : []),
      ...i2cBuses.map((bus) => `/dev/i2c-${bus}`),
      ...(strip ? [stripDevice] : []),
      ...spi.map(({ bus, chipSelect }) => `/dev/spidev${bus}.${chipSelect}`),
    ]),
  ];
}

function unlistedDevices({ devicePolicy, deviceAllow, privateDevices }: Sandbox, wanted: readonly string[]) {
  const isListing = LISTING_POLICIES.includes(devicePolicy) || deviceAllow.length > 0;
  if (!isListing || privateDevices) return [];
  return wanted.filter((path) => !deviceAllow.some((allowed) => isAllowed(path, allowed)));
}

/** "char-i2c" allows all devices of a kernel's driver (/proc/devices), whose files are mostly called as it is. */
function isAllowed(path: string, allowed: string): boolean {
  if (!allowed.startsWith('char-')) return allowed === path;
  return posix.basename(path).startsWith(allowed.slice('char-'.length).replace(/\*$/, ''));
}

function mayWrite({ protectSystem, readWritePaths }: Sandbox, path: string): boolean {
  return protectSystem !== 'strict' || isBelowAny(path, [...readWritePaths, '/dev', '/proc', '/sys']);
}

function isHomeHidden({ protectHome }: Sandbox, path: string): boolean {
  return ['yes', 'tmpfs', 'read-only'].includes(protectHome) && isBelowAny(path, ['/home', '/root', '/run/user']);
}

function isBelowAny(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
}
