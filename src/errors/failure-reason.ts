/** Why a file or a folder cannot be read, made or written, by the system's error, and what to do: the end of a sentence about its path. Pure. */

import { errnoOf } from '../platform/errno';

const MAY_NOT_READ =
  'the user of Node-RED may not. Give that user the right to read it, and to enter each folder above it (chmod, chown)';

const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: MAY_NOT_READ,
  EPERM: MAY_NOT_READ,
  ENOTDIR: 'it is a file, or lies in one, where a folder is needed. Move that file away, or choose another folder',
  EEXIST: 'it is a file where a folder is needed, or a link that leads nowhere. Move it away, or choose another folder',
  EISDIR: 'it is a folder where a file is needed. Move that folder away',
  ELOOP: 'its links lead in a circle. Correct them',
  EROFS: 'its disk is mounted read-only. Mount it for writing, or choose another folder',
  ENOSPC: 'the disk is full, or has no room for further files. Make room on it',
  EDQUOT: 'the user of Node-RED has used up its share of the disk (quota). Make room, or raise it',
  EFBIG: 'the file is larger than it may become here (ulimit -f, or the file system). Raise that limit',
  EIO: 'the disk or card does not answer. See what dmesg says about it',
  ESTALE: 'the network share was disconnected. Mount it again',
  EMFILE: 'Node-RED has too many files open. Raise its limit (LimitNOFILE), or restart it',
};

const MAY_NOT_WRITE =
  'the user of Node-RED may not write it, or not keep its owner. Give that user the right to write it and its folder (chmod, chown)';
const REMEDIES_OF_WRITING: Readonly<Record<string, string>> = {
  ...REMEDIES,
  EACCES: MAY_NOT_WRITE,
  EPERM: MAY_NOT_WRITE,
};

/** `(EACCES): the user of Node-RED may not. Give …`, without a full stop at its end. */
export function failureReason(cause: unknown, purpose: 'read' | 'write' = 'read'): string {
  const code = errnoOf(cause);
  const remedy = code === undefined ? undefined : (purpose === 'read' ? REMEDIES : REMEDIES_OF_WRITING)[code];
  if (code !== undefined && remedy !== undefined) return `(${code}): ${remedy}`;
  return `(${cause instanceof Error ? cause.message : String(cause)}): check the folder, its rights and its disk`;
}
