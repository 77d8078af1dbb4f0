/** The board, its system, and the Node.js that runs this. */
import { permissionFlag } from '../../guest-process/permission-flag';
import type { Board } from '../board';
import { type Check, type Finding, missing, ok, warning } from '../finding';

/** package.json, engines; the newest that is tried. */
const OLDEST_NODE = [18, 20] as const;
const NEWEST_NODE_MAJOR = 26;
/** The GPIO character device, version 2 (Linux 5.10). */
const OLDEST_KERNEL = [5, 10] as const;

export const board: Check = {
  id: 'board',
  group: 'machine',
  title: 'Board',
  run({ board: found, container }) {
    const says = boardText(found);
    if (container.kind === 'none') return ok(says);
    if (found.kind === 'raspberry-pi' && found.saidBy === 'cpuinfo')
      return warning(
        `${says}, by /proc/cpuinfo: a container does not see the device tree, so "auto" takes simulated hardware`,
        'in the wasi-runtime node set Hardware to "Raspberry Pi", unless it is set already',
      );
    if (found.kind !== 'other') return ok(says);
    return ok(`${says}; if it is one, the container hides it: set Hardware in the wasi-runtime node`);
  },
};

export const container: Check = {
  id: 'container',
  group: 'machine',
  title: 'Container',
  run: (context) =>
    context.container.kind === 'none'
      ? ok('none')
      : ok(
          `${context.container.name} (${context.container.sign}): what is to be mended is outside, see docs/docker.md`,
        ),
};

function boardText(found: Board): string {
  switch (found.kind) {
    case 'raspberry-pi':
      return found.model;
    case 'revpi':
      return found.model;
    case 'other':
      return `${found.model ?? 'no device tree'}: no Raspberry Pi and no RevPi, so simulated hardware is used`;
  }
}

export const system: Check = {
  id: 'system',
  group: 'machine',
  title: 'System',
  async run({ files, board: found }) {
    const release = await files.text('/etc/os-release');
    const name = /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(release ?? '')?.[1] ?? process.platform;
    const kernel = await files.text('/proc/sys/kernel/osrelease');
    const says = kernel === undefined ? name : `${name}, Linux ${kernel}`;
    if (found.kind !== 'raspberry-pi' || kernel === undefined || atLeast(kernel, OLDEST_KERNEL)) return ok(says);
    return missing(
      says,
      'GPIO needs Linux 5.10 or newer: update the system',
      'sudo apt update && sudo apt full-upgrade',
    );
  },
};

export const node: Check = {
  id: 'node',
  group: 'machine',
  title: 'Node.js',
  run: () => judgeNode(process.versions.node),
};

export function judgeNode(version: string): Finding {
  if (!atLeast(version, OLDEST_NODE))
    return missing(
      `${version}, but 18.20 or newer is needed`,
      "update it with Node-RED's installer",
      'bash <(curl -sL https://github.com/node-red/linux-installers/releases/latest/download/update-nodejs-and-nodered-deb)',
    );
  if (Number(version.split('.')[0]) > NEWEST_NODE_MAJOR)
    return warning(
      `${version}, which this version was not tried with`,
      `if anything fails, install Node.js 18.20 to ${NEWEST_NODE_MAJOR}`,
    );
  return ok(version);
}

export const isolation: Check = {
  id: 'isolation',
  group: 'plugins',
  title: 'Isolation',
  run: () => judgeIsolation(process.versions.node),
};

export function judgeIsolation(version: string): Finding {
  if (permissionFlag(version)) return ok('plugins run in a process of their own, and Node.js limits what it may open');
  return ok(
    `plugins run in a process of their own; Node.js ${version} cannot limit what it may open (20.18, 22.13 and newer can)`,
  );
}

export const architecture: Check = {
  id: 'architecture',
  group: 'machine',
  title: 'Architecture',
  run: () => judgeArchitecture(process.arch, armVersion()),
};

export function judgeArchitecture(arch: string, arm: string | undefined): Finding {
  switch (arch) {
    case 'x64':
    case 'arm64':
      return ok(`${arch}, 64 bits`);
    case 'arm':
      return arm === '6'
        ? missing(
            'armv6, for which nobody builds Node.js 18 or newer officially',
            'use a Raspberry Pi Zero 2 W, 3, 4 or 5',
          )
        : ok('armv7, 32 bits');
    default:
      return missing(`${arch}, which is not supported`, 'use a machine with x64, arm64 or armv7');
  }
}

function armVersion(): string | undefined {
  const variables: Readonly<Record<string, unknown>> = { ...process.config.variables };
  const version = variables['arm_version'];
  return version === undefined ? undefined : String(version);
}

/** "6.6.51+rpt-rpi-v8" and "20.19.2" */
function atLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}
