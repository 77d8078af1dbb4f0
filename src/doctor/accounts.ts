/**
 * Users and groups of the machine from /etc/passwd and /etc/group (passwd(5), group(5)). Users of a directory service
 * are not in there; they are known by the numbers of the process only.
 */
import type { SystemFiles } from './system-files';

export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

export interface UserGroup {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

export class Accounts {
  constructor(
    readonly users: readonly User[],
    readonly groups: readonly UserGroup[],
  ) {}

  static async read(files: SystemFiles): Promise<Accounts> {
    const [passwd = '', group = ''] = await Promise.all([files.text('/etc/passwd'), files.text('/etc/group')]);
    return new Accounts(fields(passwd).flatMap(userOf), fields(group).flatMap(groupOf));
  }

  user(nameOrId: string | number): User | undefined {
    return this.users.find(({ name, uid }) => name === nameOrId || uid === nameOrId || String(uid) === nameOrId);
  }

  userName(uid: number): string {
    return this.user(uid)?.name ?? String(uid);
  }

  group(nameOrId: string | number): UserGroup | undefined {
    return this.groups.find(({ name, gid }) => name === nameOrId || gid === nameOrId || String(gid) === nameOrId);
  }

  groupName(gid: number): string {
    return this.group(gid)?.name ?? String(gid);
  }

  /** What a new login, or a service that starts, gets. */
  gidsOf({ name, gid }: User): ReadonlySet<number> {
    return new Set([gid, ...this.groups.filter(({ members }) => members.includes(name)).map((group) => group.gid)]);
  }
}

function fields(text: string): string[][] {
  return text.split('\n').map((line) => line.trim().split(':'));
}

function userOf([name = '', , uid = '', gid = '', , home = '']: readonly string[]): User[] {
  return isNumber(uid) && isNumber(gid) ? [{ name, uid: Number(uid), gid: Number(gid), home }] : [];
}

function groupOf([name = '', , gid = '', members = '']: readonly string[]): UserGroup[] {
  return isNumber(gid)
    ? [{ name, gid: Number(gid), members: members.split(',').filter((member) => member !== '') }]
    : [];
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}
