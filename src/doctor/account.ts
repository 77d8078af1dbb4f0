/**
 * Who Node-RED is on this machine: the user that was asked for, else the one of its service, else whoever runs this. Two
 * sets of groups count: those that the account has now, and those that it has after its next login or start.
 */
import { homedir, userInfo } from 'node:os';
import type { Accounts, User } from './accounts';
import type { NodeRedService, Service } from './service-unit';
import type { SystemFiles } from './system-files';

export interface Account {
  readonly via: 'option' | 'service' | 'login';
  readonly name: string;
  readonly uid: number;
  readonly home: string;
  /** In effect: what an open device file is compared with. */
  readonly gids: ReadonlySet<number>;
  /** After the next login or start; the same where nobody knows better. */
  readonly gidsNext: ReadonlySet<number>;
}

/** Whoever runs this. */
export interface Login {
  readonly name: string;
  readonly uid: number;
  readonly gids: ReadonlySet<number>;
  readonly home: string;
}

export interface Choice {
  readonly files: SystemFiles;
  readonly accounts: Accounts;
  readonly service: Service;
  readonly login: Login;
}

/** Undefined where `wanted` is in no /etc/passwd. */
export async function chooseAccount(choice: Choice, wanted: string | undefined): Promise<Account | undefined> {
  const { files, accounts, service, login } = choice;
  if (wanted === undefined) {
    if (service.kind === 'none') return accountOfLogin(accounts, login);
    return accountOfService(files, accounts, service);
  }
  const user = accounts.user(wanted);
  if (user === undefined) return undefined;
  const isService = service.kind === 'found' && accounts.user(service.user || 'root')?.uid === user.uid;
  if (isService) return accountOfService(files, accounts, service);
  const gids = accounts.gidsOf(user);
  return { via: 'option', name: user.name, uid: user.uid, home: user.home, gids, gidsNext: gids };
}

async function accountOfService(files: SystemFiles, accounts: Accounts, service: NodeRedService): Promise<Account> {
  const name = service.user || 'root';
  const user: User = accounts.user(name) ?? { name, uid: -1, gid: -1, home: '/' };
  const named = [service.group, ...service.supplementaryGroups].flatMap((group) => accounts.group(group)?.gid ?? []);
  const gidsNext = new Set([...accounts.gidsOf(user), ...named]);
  const gids = (await runningGids(files, service.mainPid)) ?? gidsNext;
  return { via: 'service', name: user.name, uid: user.uid, home: user.home, gids, gidsNext };
}

/** proc_pid_status(5): "Gid" has four numbers of which the second is in effect, "Groups" the supplementary ones. */
async function runningGids(files: SystemFiles, pid: number): Promise<ReadonlySet<number> | undefined> {
  const status = pid > 0 ? await files.text(`/proc/${pid}/status`) : undefined;
  const gid = /^Gid:\s+\d+\s+(\d+)/m.exec(status ?? '')?.[1];
  if (gid === undefined) return undefined;
  const groups = /^Groups:[ \t]*(.*)$/m.exec(status ?? '')?.[1] ?? '';
  return new Set([gid, ...groups.split(/\s+/).filter((word) => word !== '')].map(Number));
}

function accountOfLogin(accounts: Accounts, { name, uid, gids, home }: Login): Account {
  const user = accounts.user(uid);
  const gidsNext = user ? accounts.gidsOf(user) : gids;
  return { via: 'login', name: user?.name ?? name, uid, home: user?.home ?? home, gids, gidsNext };
}

export function readLogin(): Login {
  // Windows has no numbers; its devices are simulated.
  const gids = new Set([process.getegid?.() ?? -1, ...(process.getgroups?.() ?? [])]);
  return { name: ownName(), uid: process.geteuid?.() ?? -1, gids, home: homedir() };
}

function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    // A process may run under a number that has no name.
    return String(process.geteuid?.() ?? 'of this process');
  }
}
