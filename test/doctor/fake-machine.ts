/**
 * A machine as a tree of real files in a scratch folder. Who owns a file and what kind it is takes root to set, so owners
 * are kept in a table beside the tree: `OwnedFiles` reads it in this process, `stand-in.ts` in a child process.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import type { Login } from '../../src/doctor/account';
import { type DoctorContext, type DoctorOptions, openContext } from '../../src/doctor/context';
import type { Probes } from '../../src/doctor/probes';
import type { Service } from '../../src/doctor/service-unit';
import { type FileStatus, SystemFiles } from '../../src/doctor/system-files';

/** As `stat` gives them: numbers, and the permission bits of the mode. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

export const USERS: Readonly<Record<string, number>> = { root: 0, pi: 1000, nodered: 990 };
/** Numbers of Raspberry Pi OS; picontrol is a RevPi's. */
export const GROUP_NUMBERS: Readonly<Record<string, number>> = {
  root: 0,
  dialout: 20,
  i2c: 988,
  spi: 989,
  gpio: 986,
  picontrol: 985,
  nodered: 990,
  pi: 1000,
};

export class FakeMachine {
  readonly owners = new Map<string, Owner>();

  constructor(
    /** Of this test alone. */
    readonly folder: string,
  ) {
    this.dir('/tmp', 'root:root', 0o1777);
  }

  get root(): string {
    return join(this.folder, 'root');
  }

  file(path: string, content: string | Uint8Array = '', owner = 'root:root', mode = 0o644): this {
    this.#folders(dirname(path));
    writeFileSync(join(this.root, path), content);
    return this.#owned(path, owner, mode);
  }

  dir(path: string, owner = 'root:root', mode = 0o755): this {
    mkdirSync(join(this.root, path), { recursive: true });
    return this.#owned(path, owner, mode);
  }

  /** Here a file: nothing that is tested opens one. */
  device(path: string, owner: string, mode = 0o660): this {
    return this.file(path, '', owner, mode);
  }

  /** Members by group, as in /etc/group. */
  accounts(members: Readonly<Record<string, readonly string[]>>, homes: Readonly<Record<string, string>>): this {
    const users = Object.entries({ root: '/root', ...homes }).map(([name, home]) => {
      return `${name}:x:${USERS[name]}:${GROUP_NUMBERS[name]}::${home}:/bin/bash`;
    });
    const groups = Object.entries({ root: [], ...members }).map(([name, names]) => {
      return `${name}:x:${GROUP_NUMBERS[name]}:${names.join(',')}`;
    });
    return this.file('/etc/passwd', `${users.join('\n')}\n`).file('/etc/group', `${groups.join('\n')}\n`);
  }

  model(name: string): this {
    return this.file('/proc/device-tree/model', `${name}\0`);
  }

  #folders(folder: string): void {
    if (folder === '/' || this.owners.has(folder)) return;
    this.#folders(posix.dirname(folder));
    this.dir(folder);
  }

  #owned(path: string, owner: string, mode: number): this {
    const [user = '', group = ''] = owner.split(':');
    this.owners.set(path, { uid: USERS[user] ?? -1, gid: GROUP_NUMBERS[group] ?? -1, mode });
    return this;
  }
}

export class OwnedFiles extends SystemFiles {
  readonly #machine: FakeMachine;

  constructor(machine: FakeMachine) {
    super(machine.root);
    this.#machine = machine;
  }

  override async status(path: string): Promise<FileStatus> {
    const status = await super.status(path);
    return status.kind === 'there' ? { ...status, ...this.#machine.owners.get(path) } : status;
  }
}

export const NO_SERVICE: Service = { kind: 'none', because: 'this machine has no systemd' };

export const KOFFI: Probes = {
  koffi: () => ({ kind: 'loaded', version: '3.3.4' }),
  gpioLabel: () => undefined,
  chipId: async () => ({ kind: 'answered', chipId: 0x61 }),
};

export interface Around {
  readonly options?: Partial<DoctorOptions>;
  readonly service?: Service;
  readonly login?: Partial<Login>;
  readonly probes?: Partial<Probes>;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Run by pi, who has the groups of /etc/group unless told otherwise. */
export async function contextOf(machine: FakeMachine, around: Around = {}): Promise<DoctorContext> {
  const { options = {}, service = NO_SERVICE, login = {}, probes = {}, environment = {} } = around;
  const gids = new Set(['pi', 'gpio', 'i2c', 'spi', 'dialout'].map((name) => GROUP_NUMBERS[name] ?? -1));
  const opened = await openContext(
    { user: undefined, userDir: undefined, hostToml: undefined, pluginDir: undefined, ...options },
    {
      files: new OwnedFiles(machine),
      login: { name: 'pi', uid: 1000, gids, home: '/home/pi', ...login },
      findService: async () => service,
      environment,
      probes: { ...KOFFI, ...probes },
    },
  );
  if (opened.kind !== 'context') throw new Error(`there is no user ${opened.user}`);
  return opened.context;
}
