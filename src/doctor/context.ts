/** Everything that the checks look at, gathered once before the first of them runs. */
import { posix } from 'node:path';
import { WasiError } from '../errors/wasi-error';
import type { HostConfig } from '../host-config/host-config';
import { loadHostConfig } from '../host-config/load-host-config';
import { type Account, chooseAccount, type Login } from './account';
import { Accounts } from './accounts';
import { type Board, readBoard } from './board';
import { type BootConfig, readBootConfig } from './boot-config';
import { type Container, readContainer, userDirIn } from './container';
import { type Needs, needsOf } from './needs';
import type { Probes } from './probes';
import type { Service } from './service-unit';
import { isRefusal, type SystemFiles } from './system-files';

export interface DoctorOptions {
  readonly user: string | undefined;
  /** Paths of the machine that is looked at. */
  readonly userDir: string | undefined;
  readonly hostToml: string | undefined;
  readonly pluginDir: string | undefined;
}

export type Configuration =
  | { readonly kind: 'read'; readonly config: HostConfig; readonly needs: Needs }
  | { readonly kind: 'wrong'; readonly message: string }
  /** By whoever runs this. */
  | { readonly kind: 'unreadable'; readonly path: string };

export interface DoctorContext {
  readonly files: SystemFiles;
  readonly container: Container;
  readonly board: Board;
  readonly boot: BootConfig | undefined;
  readonly accounts: Accounts;
  readonly service: Service;
  readonly account: Account;
  readonly userDir: string;
  readonly pluginDir: string;
  readonly configuration: Configuration;
  readonly probes: Probes;
}

/** What the gathering asks besides its options; tests bring their own. */
export interface Surroundings {
  readonly files: SystemFiles;
  readonly login: Login;
  readonly findService: () => Promise<Service>;
  /** Of this process, where it runs on the machine that is looked at; else empty. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly probes: Probes;
}

export type Opened =
  | { readonly kind: 'context'; readonly context: DoctorContext }
  | { readonly kind: 'unknown-user'; readonly user: string };

export async function openContext(options: DoctorOptions, around: Surroundings): Promise<Opened> {
  const { files, login, probes } = around;
  const container = await readContainer(files, around.environment);
  const [board, accounts, service] = await Promise.all([
    readBoard(files, container),
    Accounts.read(files),
    around.findService(),
  ]);
  const boot = await readBootConfig(files, board);
  const account = await chooseAccount({ files, accounts, service, login }, options.user);
  if (account === undefined) return { kind: 'unknown-user', user: options.user ?? '' };
  const userDir = options.userDir ?? (await userDirIn(files, container)) ?? (await userDirOf(files, account, service));
  const pluginDir = options.pluginDir ?? posix.join(userDir, 'wasi', 'plugins');
  const configuration = await readConfiguration(files, userDir, options.hostToml);
  return {
    kind: 'context',
    context: { files, container, board, boot, accounts, service, account, userDir, pluginDir, configuration, probes },
  };
}

/** What the running service was told (`--userDir`), else Node-RED's own choice. */
async function userDirOf(files: SystemFiles, account: Account, service: Service): Promise<string> {
  const isService = account.via === 'service' && service.kind === 'found';
  const commandLine = isService ? await files.text(`/proc/${service.mainPid}/cmdline`) : undefined;
  const told = /^(?:--userDir=|(?:--userDir|-u)\n)(\/.+)$/m.exec(commandLine ?? '')?.[1];
  return told ?? posix.join(account.home, '.node-red');
}

async function readConfiguration(files: SystemFiles, userDir: string, hostToml?: string): Promise<Configuration> {
  const configFile = hostToml === undefined ? '' : files.real(hostToml);
  try {
    const config = await loadHostConfig(
      { configSource: 'file', configFile, configText: '', userDir: files.real(userDir) },
      { hostName: 'this-machine' },
    );
    return { kind: 'read', config, needs: needsOf(config) };
  } catch (error) {
    if (!(error instanceof WasiError)) throw error;
    if (isRefusal(error.cause))
      return { kind: 'unreadable', path: hostToml ?? posix.join(userDir, 'wasi', 'host.toml') };
    return { kind: 'wrong', message: files.shown(error.message) };
  }
}
