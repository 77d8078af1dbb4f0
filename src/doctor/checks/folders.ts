/** What Node-RED's user writes: the temporary folder and the user directory; and the space that is left there. */
import { accessTo, ownership } from '../access-rights';
import { describedMend, type FoundContainer, isReadOnly, mendOutside } from '../container';
import type { DoctorContext } from '../context';
import { type Check, type Finding, missing, ok, skipped, warning } from '../finding';
import { againAsRoot } from './again-as-root';

const BYTES_PER_MB = 1_000_000;
/** A Python plugin takes 18 MB as it comes and some 20 MB prepared, of which most is shared. */
const ENOUGH_MB = 200;

export const temporary: Check = {
  id: 'temporary-folder',
  group: 'machine',
  title: 'Temporary folder',
  run: (context) =>
    writable(context, '/tmp', () => missing('/tmp is not there', 'make it', 'sudo install -d -m 1777 /tmp')),
};

export const userDirectory: Check = {
  id: 'user-directory',
  group: 'node-red',
  title: 'User directory',
  run: (context) =>
    writable(context, context.userDir, () =>
      warning(
        `${context.userDir} is not there`,
        'Node-RED makes it at its first start; if yours is elsewhere, name it',
        'npx edge-wasi doctor --user-dir <path>',
      ),
    ),
};

async function writable(context: DoctorContext, path: string, absent: () => Finding): Promise<Finding> {
  const { files, account, accounts } = context;
  if (process.platform === 'win32') return skipped('Windows has no owners and modes');
  const access = await accessTo(files, account, path, 'read-write');
  switch (access.kind) {
    case 'allowed':
      return context.container.kind !== 'none' && (await isReadOnly(files, path))
        ? readOnly(context.container, path)
        : ok(path);
    case 'absent':
      return absent();
    case 'hidden':
      return warning(`${path} could not be looked at`, 'run this again as root', againAsRoot(context));
    case 'denied':
      return missing(
        `user ${account.name} may not write ${path} (${access.at} is ${ownership(access.status, accounts)})`,
        ...folderMend(context, access.at),
      );
  }
}

function folderMend({ account, container }: DoctorContext, path: string): [how: string, line: string] {
  if (path === '/tmp') return ['give it to the user', 'sudo chmod 1777 /tmp'];
  if (container.kind === 'none') return ['give it to the user', `sudo chown -R ${account.name} ${path}`];
  const { how } = mendOutside({ how: `give the folder or volume that is mounted at ${path} to the user`, lines: [] });
  return [how, `sudo chown -R ${account.uid} <folder>`];
}

function readOnly(container: FoundContainer, path: string): Finding {
  const lines = path === '/tmp' ? ['tmpfs:', '  - /tmp'] : ['volumes:', `  - node-red:${path}`];
  const mend = describedMend(container, 'give it a place that can be written', lines);
  return missing(`${path} is on a read-only file system`, mend.how, ...mend.lines);
}

export const freeSpace: Check = {
  id: 'free-space',
  group: 'plugins',
  title: 'Free space',
  async run({ files, userDir }) {
    const bytes = await files.freeBytes(userDir);
    if (bytes === undefined) return skipped('nobody says how much there is');
    const mb = Math.floor(bytes / BYTES_PER_MB);
    if (mb >= ENOUGH_MB) return ok(`at least ${ENOUGH_MB} MB for prepared plugins`);
    return warning(
      `${mb} MB for prepared plugins`,
      `make room, at least ${ENOUGH_MB} MB`,
      'sudo apt clean',
      `du -sh ${userDir}/*`,
    );
  },
};
