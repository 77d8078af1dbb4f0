/**
 * A command under the restrictions of RevPi's unit for Node-RED, as far as mount namespaces and a user without rights give
 * them: read-only root and /sys, /boot, /home and /root empty and closed, its own /dev with nothing but a file in the place
 * of piControl0, /etc with PiCtory's file, 512 MB of old space; /tmp and the user directory may be written to. It needs
 * root and `unshare`, and says why where it cannot be had. Not tried here: systemd itself and its filter of system calls.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { REPOSITORY } from '../wasm/components';

/** nobody; in no group of its own that owns anything. */
export const SERVICE_USER = 65_534;
/** Stands for picontrol. */
export const DEVICE_GROUP = 64_999;
const OLD_SPACE_MB = 512;

export interface HardenedParts {
  /** A regular file, of the process image's length. */
  readonly image: string;
  readonly configRsc: string;
  /** Whether the service is in the group of the device. */
  readonly inGroup: boolean;
}

/** Why it cannot be had on this machine. */
export function noHardening(): string | undefined {
  if (process.platform !== 'linux') return 'mount namespaces are Linux’s';
  if (process.getuid?.() !== 0) return 'mount namespaces as RevPi’s unit has them need root';
  const { status, stderr, error } = spawnSync('unshare', ['-m', 'setpriv', '--reuid=65534', '--clear-groups', 'true']);
  return status === 0 ? undefined : `unshare and setpriv do not work here: ${error?.message ?? String(stderr).trim()}`;
}

/** Positional parameters: image, config.rsc, user directory, folder of Node.js, node_modules, command. */
const SCRIPT = `set -eu
image=$1 config=$2 user_dir=$3 node_folder=$4 modules=$5; shift 5
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs /srv
mkdir -p /srv/dev /srv/etc /srv/node /srv/red/node_modules
for name in null zero full random urandom; do touch /srv/dev/$name; mount --bind /dev/$name /srv/dev/$name; done
ln -s /proc/self/fd /srv/dev/fd
touch /srv/dev/piControl0; mount --bind "$image" /srv/dev/piControl0
cp -a /etc/. /srv/etc; mkdir -p /srv/etc/revpi; cp "$config" /srv/etc/revpi/config.rsc; chmod 644 /srv/etc/revpi/config.rsc
mount --bind "$node_folder" /srv/node
mount --bind "$modules" /srv/red/node_modules
mount --bind "$user_dir" "$user_dir"
mount --bind /tmp /tmp
mount -o remount,ro,bind /
mount -o remount,ro,bind /sys
mount --rbind /srv/dev /dev
mount --bind /srv/etc /etc; mount -o remount,ro,bind /etc
for folder in /boot /home /root; do
  [ ! -d "$folder" ] || mount -t tmpfs -o ro,size=4k,mode=000 tmpfs "$folder"
done
mount -o remount,ro /srv
cd "$user_dir"
exec "$@"
`;

export function hardened({ image, configRsc, inGroup }: HardenedParts) {
  return (command: readonly string[], userDir: string): readonly [string, ...string[]] => {
    const [program = process.execPath, redJs = '', ...rest] = command;
    const modules = join(REPOSITORY, 'node_modules');
    const groups = inGroup ? `--groups=${DEVICE_GROUP}` : '--clear-groups';
    const service = ['setpriv', `--reuid=${SERVICE_USER}`, `--regid=${SERVICE_USER}`, groups, '--no-new-privs'];
    const node = [
      '/srv/node/node',
      `--max-old-space-size=${OLD_SPACE_MB}`,
      redJs.replace(REPOSITORY, '/srv/red'),
      ...rest,
    ];
    const own = spawnSync('chown', ['-R', String(SERVICE_USER), userDir]);
    if (own.status !== 0) throw new Error(`the user directory could not be given away: ${own.stderr}`);
    const script = ['sh', '-c', SCRIPT, 'sh', image, configRsc, userDir, dirname(program), modules];
    return ['unshare', '-m', ...script, ...service, ...node];
  };
}
