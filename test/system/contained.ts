/**
 * A command under the restrictions of docs/docker.md's compose file, as far as a mount namespace and a user without rights give
 * them: read-only root and /sys, an empty /sys/firmware (no device tree), Docker's own few devices, a /tmp in memory, the user
 * directory to write to, user 1000 in no group, no capability to be had, no new privileges. It needs root and `unshare`, and
 * says why where it cannot be had. Not tried here: Docker itself, its filter of system calls, Alpine, limits of memory.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { REPOSITORY } from '../wasm/components';

/** node-red of Node-RED's image. */
export const IMAGE_USER = 1_000;
const SETPRIV = [
  'setpriv',
  `--reuid=${IMAGE_USER}`,
  `--regid=${IMAGE_USER}`,
  '--clear-groups',
  '--inh-caps=-all',
  '--bounding-set=-all',
  '--no-new-privs',
];

/** Why it cannot be had on this machine. */
export function noContainer(): string | undefined {
  if (process.platform !== 'linux') return 'mount namespaces are Linux’s';
  if (process.getuid?.() !== 0) return 'a mount namespace with a read-only root needs root';
  const { status, stderr, error } = spawnSync('unshare', ['-m', ...SETPRIV, 'true']);
  return status === 0 ? undefined : `unshare and setpriv do not work here: ${error?.message ?? String(stderr).trim()}`;
}

/** Positional parameters: user directory, folder of Node.js, node_modules, command. */
const SCRIPT = `set -eu
user_dir=$1 node_folder=$2 modules=$3; shift 3
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs /srv
mkdir -p /srv/data /srv/dev /srv/node /srv/red/node_modules
for name in null zero full random urandom; do touch /srv/dev/$name; mount --bind /dev/$name /srv/dev/$name; done
ln -s /proc/self/fd /srv/dev/fd
mount --bind "$user_dir" /srv/data
mount --bind "$node_folder" /srv/node
mount --bind "$modules" /srv/red/node_modules
mount -t tmpfs -o mode=755 tmpfs /run
touch /run/.containerenv
mount -o remount,ro /run
mount -o remount,ro,bind /
mount -o remount,ro,bind /sys
[ ! -d /sys/firmware ] || mount -t tmpfs -o ro,size=4k tmpfs /sys/firmware
mount --rbind /srv/dev /dev
mount -t tmpfs -o mode=1777 tmpfs /tmp
mkdir -p "$user_dir"
mount --bind /srv/data "$user_dir"
mount -o remount,ro /srv
cd "$user_dir"
exec "$@"
`;

export function contained(command: readonly string[], userDir: string): readonly [string, ...string[]] {
  const [program = process.execPath, script = '', ...rest] = command;
  const own = spawnSync('chown', ['-R', String(IMAGE_USER), userDir]);
  if (own.status !== 0) throw new Error(`the user directory could not be given away: ${own.stderr}`);
  const places = [userDir, dirname(program), join(REPOSITORY, 'node_modules')];
  const node = ['/srv/node/node', script.replace(REPOSITORY, '/srv/red'), ...rest];
  return ['unshare', '-m', 'sh', '-c', SCRIPT, 'sh', ...places, ...SETPRIV, ...node];
}
