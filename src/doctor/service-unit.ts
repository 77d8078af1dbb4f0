/**
 * The systemd service that Node-RED runs as, if any, by `systemctl show` (bounded in time): its user and groups, and what
 * its sandbox hides (systemd.exec(5), systemd.resource-control(5)). A machine without systemd has none.
 */
import { execFile } from 'node:child_process';

/** What Node-RED's install script and RevPi's package call it, and what others write by hand. */
const UNITS = ['nodered.service', 'node-red.service', 'revpi-nodered.service'];
const PROPERTIES = [
  'Id',
  'LoadState',
  'ActiveState',
  'MainPID',
  'User',
  'Group',
  'SupplementaryGroups',
  'PrivateDevices',
  'DevicePolicy',
  'DeviceAllow',
  'ProtectSystem',
  'ProtectHome',
  'ReadWritePaths',
  'InaccessiblePaths',
];
const LIMIT_MS = 3_000;

export type Service = NodeRedService | { readonly kind: 'none'; readonly because: string };

export interface NodeRedService {
  readonly kind: 'found';
  readonly unit: string;
  readonly isRunning: boolean;
  /** 0: none. */
  readonly mainPid: number;
  /** "" is root, which systemd takes where no user is named. */
  readonly user: string;
  readonly group: string;
  readonly supplementaryGroups: readonly string[];
  readonly sandbox: Sandbox;
}

export interface Sandbox {
  readonly privateDevices: boolean;
  /** auto allows everything unless something is listed. */
  readonly devicePolicy: string;
  readonly deviceAllow: readonly string[];
  readonly protectSystem: string;
  readonly protectHome: string;
  readonly readWritePaths: readonly string[];
  readonly inaccessiblePaths: readonly string[];
}

export async function findService(): Promise<Service> {
  const shown = await systemctlShow();
  if (shown.kind === 'none') return shown;
  const loaded = parseUnits(shown.text);
  return (
    loaded.find(({ isRunning }) => isRunning) ??
    loaded[0] ?? { kind: 'none', because: `none of ${UNITS.join(', ')} is installed` }
  );
}

function systemctlShow(): Promise<{ readonly kind: 'text'; readonly text: string } | (Service & { kind: 'none' })> {
  const args = ['show', ...UNITS, '--no-pager', `--property=${PROPERTIES.join(',')}`];
  const options = { timeout: LIMIT_MS, env: { ...process.env, LC_ALL: 'C' } };
  return new Promise((resolve) => {
    execFile('systemctl', args, options, (error, stdout, stderr) => {
      if (!error) return resolve({ kind: 'text', text: stdout });
      const first = stderr.trim().split('\n')[0];
      const because =
        error.code === 'ENOENT'
          ? 'this machine has no systemd'
          : `systemctl did not answer${first ? ` (${first})` : error.killed ? ` within ${LIMIT_MS / 1_000} s` : ''}`;
      resolve({ kind: 'none', because });
    });
  });
}

/** Units that are not installed are left out. */
export function parseUnits(text: string): readonly NodeRedService[] {
  return text.split(/\n\s*\n/).flatMap((block) => {
    // DeviceAllow comes once for each device.
    const all = (key: string) =>
      block.split('\n').flatMap((line) => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1).trim()] : []));
    const value = (key: string) => all(key)[0] ?? '';
    if (value('LoadState') !== 'loaded') return [];
    const sandbox: Sandbox = {
      privateDevices: value('PrivateDevices') === 'yes',
      devicePolicy: value('DevicePolicy'),
      deviceAllow: all('DeviceAllow').flatMap((device) => device.split(' ')[0] || []),
      protectSystem: value('ProtectSystem'),
      protectHome: value('ProtectHome'),
      readWritePaths: words(value('ReadWritePaths')),
      inaccessiblePaths: words(value('InaccessiblePaths')),
    };
    return {
      kind: 'found',
      unit: value('Id'),
      isRunning: value('ActiveState') === 'active',
      mainPid: Number(value('MainPID')) || 0,
      user: value('User'),
      group: value('Group'),
      supplementaryGroups: words(value('SupplementaryGroups')),
      sandbox,
    };
  });
}

/** Paths may begin with "-" (may be absent) or "+". */
function words(text: string): string[] {
  return text.split(/\s+/).flatMap((word) => word.replace(/^[-+]+/, '') || []);
}
