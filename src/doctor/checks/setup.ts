/** koffi, Node-RED's user, its service, and host.toml. */
import type { DoctorContext } from '../context';
import { type Check, missing, ok, skipped, warning } from '../finding';

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
  run({ account, accounts, service, board }) {
    const groups = [...account.gids].map((gid) => accounts.groupName(gid)).sort();
    const via = account.via === 'service' && service.kind === 'found' ? service.unit : VIA[account.via];
    const says = `${account.name} (${via}), groups ${groups.join(' ')}`;
    if (account.via === 'login' && account.uid === 0 && board.kind !== 'other')
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
  run({ configuration, files }: DoctorContext) {
    if (configuration.kind === 'unusable')
      return missing(
        configuration.message,
        'mend it; examples/host.toml of the package has every key with its meaning',
      );
    const { source, warnings } = configuration.config;
    const shown = files.shown(source);
    const [first] = warnings;
    if (first === undefined) return ok(shown);
    const more = warnings.length > 1 ? ` (and ${warnings.length - 1} more)` : '';
    return warning(`${shown}: ${files.shown(first)}${more}`, 'correct the key, or delete it');
  },
};
