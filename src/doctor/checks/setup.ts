/** koffi, Node-RED's user, its service, and host.toml. */
import { accessTo, ownership } from '../access-rights';
import type { DoctorContext } from '../context';
import { type Check, type Finding, missing, ok, skipped, warning } from '../finding';
import { againAsRoot } from './again-as-root';

export const koffi: Check = {
  id: 'koffi',
  group: 'node-red',
  title: 'koffi',
  run({ board, probes, userDir }) {
    if (board.kind === 'other') return skipped('only real devices need it');
    const found = probes.koffi();
    if (found.kind === 'loaded') return ok(found.version);
    const command = found.isInstalled ? 'npm rebuild koffi' : 'npm install --include=optional @edge-wasi/node-red-wasi';
    const says = `GPIO, I²C, SPI and serial ports need it: ${found.reason}`;
    const lines = [`cd ${userDir} && ${command}`];
    return board.kind === 'revpi'
      ? warning(says, 'a RevPi will need it, too', ...lines)
      : missing(says, 'install it as the user of Node-RED', ...lines);
  },
};

const VIA = { option: 'as asked for', service: 'the service', login: 'who runs this' } as const;

export const user: Check = {
  id: 'user',
  group: 'node-red',
  title: 'User',
  run({ account, accounts, service, board, container }) {
    const groups = [...account.gids].map((gid) => accounts.groupName(gid)).sort();
    const via = account.via === 'service' && service.kind === 'found' ? service.unit : VIA[account.via];
    const says = `${account.name} (${via}), groups ${groups.join(' ')}`;
    // Where it is the user of the container, it is Node-RED's.
    if (container.kind === 'none' && account.via === 'login' && account.uid === 0 && board.kind !== 'other')
      return warning(
        `${says}: root may open everything, which says nothing of Node-RED's user`,
        'name that user',
        'npx edge-wasi doctor --user pi',
      );
    return ok(says);
  },
};

export const hostToml: Check = {
  id: 'host-toml',
  group: 'node-red',
  title: 'host.toml',
  async run(context) {
    const { configuration, files } = context;
    switch (configuration.kind) {
      case 'wrong':
        return missing(
          configuration.message,
          'mend it; examples/host.toml of the package has every key with its meaning',
        );
      case 'unreadable':
        return readableBy(context, configuration.path);
      case 'read': {
        const { source, warnings } = configuration.config;
        const [first] = warnings.map((each) => files.shown(each));
        if (first === undefined) return ok(files.shown(source));
        const more = warnings.length > 1 ? ` (and ${warnings.length - 1} more)` : '';
        return warning(`${first}${more}`, 'correct the key, or delete it');
      }
    }
  },
};

/** That whoever runs this may not read it says nothing of Node-RED. */
async function readableBy(context: DoctorContext, path: string): Promise<Finding> {
  const { files, account, accounts } = context;
  const access = await accessTo(files, account, path, 'read');
  if (access.kind !== 'denied')
    return warning(`${path} may not be read by who runs this`, 'run this again as root', againAsRoot(context));
  return missing(
    `user ${account.name} may not read ${path} (${access.at} is ${ownership(access.status, accounts)})`,
    'give it to the user',
    `sudo chown ${account.name} ${access.at}`,
  );
}
