/**
 * Whether an account may open a file, by owner, group and mode (inode(7), path_resolution(7)): computed, since the check
 * is mostly run by somebody else. Access control lists are not looked at.
 */
import { posix } from 'node:path';
import type { Account } from './account';
import type { FileStatus, SystemFiles } from './system-files';

const READ = 4;
const WRITE = 2;
const SEARCH = 1;

export type Rights = 'read' | 'write' | 'read-write';
const BITS: Readonly<Record<Rights, number>> = { read: READ, write: WRITE, 'read-write': READ | WRITE };

export type Access =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'absent' }
  /** `at` is the file itself or a folder on the way. */
  | { readonly kind: 'denied'; readonly at: string; readonly status: FileStatus & { readonly kind: 'there' } }
  /** Whoever runs this may not look there himself. */
  | { readonly kind: 'hidden' };

export async function accessTo(
  files: SystemFiles,
  { uid, gids }: Pick<Account, 'uid' | 'gids'>,
  path: string,
  rights: Rights,
): Promise<Access> {
  for (const folder of foldersAbove(path)) {
    const status = await files.status(folder);
    if (status.kind !== 'there') return { kind: status.kind === 'absent' ? 'absent' : 'hidden' };
    if (!permits(status, uid, gids, SEARCH)) return { kind: 'denied', at: folder, status };
  }
  const status = await files.status(path);
  if (status.kind !== 'there') return { kind: status.kind === 'absent' ? 'absent' : 'hidden' };
  const wanted = status.isDirectory ? BITS[rights] | SEARCH : BITS[rights];
  return permits(status, uid, gids, wanted) ? { kind: 'allowed' } : { kind: 'denied', at: path, status };
}

/** The first class that fits decides, even where a later one would allow more. */
function permits(
  { mode, uid: owner, gid: group, isDirectory }: FileStatus & { readonly kind: 'there' },
  uid: number,
  gids: ReadonlySet<number>,
  wanted: number,
): boolean {
  if (uid === 0) return isDirectory || (wanted & SEARCH) === 0;
  const bits = uid === owner ? mode >> 6 : gids.has(group) ? mode >> 3 : mode;
  return (bits & wanted) === wanted;
}

function foldersAbove(path: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = posix.dirname(path); folder !== '/' && folder !== '.'; folder = posix.dirname(folder))
    folders.unshift(folder);
  return folders;
}

/** "root:i2c 0660" */
export function ownership(
  { mode, uid, gid }: FileStatus & { readonly kind: 'there' },
  names: { userName(uid: number): string; groupName(gid: number): string },
): string {
  return `${names.userName(uid)}:${names.groupName(gid)} ${(mode & 0o7777).toString(8).padStart(4, '0')}`;
}
