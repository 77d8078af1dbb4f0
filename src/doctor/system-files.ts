/**
 * The files of the machine that is looked at, below a root folder: "/" for this machine, another one for a card that is
 * mounted somewhere. Reads only, at most 256 KiB of a file, 128 MiB
 * of a component. What is absent or may not be read is an answer, no error;
 * anything else (a file system that fails) is passed on.
 */

import { open, readdir, readFile, stat, statfs } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { errnoOf } from '../platform/errno';

const MAX_BYTES = 256 * 2 ** 10;
/** Far more than any component has. */
const MAX_COMPONENT_BYTES = 128 * 2 ** 20;

export type FileStatus =
  | {
      readonly kind: 'there';
      readonly isDirectory: boolean;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    }
  | { readonly kind: 'absent' }
  /** A folder on the way may not be entered by whoever runs this. */
  | { readonly kind: 'refused' };

export class SystemFiles {
  constructor(readonly root: string) {}

  /** Where a path of that machine lies on this one. */
  real(path: string): string {
    return this.root === '/' ? path : join(this.root, path);
  }

  /** A text about real paths as somebody at that machine would read it. */
  shown(text: string): string {
    return this.root === '/' ? text : text.replaceAll(this.root, '');
  }

  async bytes(path: string): Promise<Buffer | undefined> {
    try {
      const file = await open(this.real(path), 'r');
      try {
        const buffer = Buffer.alloc(MAX_BYTES);
        const { bytesRead } = await file.read(buffer, 0, MAX_BYTES, 0);
        return buffer.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    } catch (error) {
      return unlessKnown(error);
    }
  }

  /** A whole file; undefined where it is absent, may not be read, or is longer than any component. */
  async component(path: string): Promise<Buffer | undefined> {
    try {
      const { size } = await stat(this.real(path));
      return size > MAX_COMPONENT_BYTES ? undefined : await readFile(this.real(path));
    } catch (error) {
      return unlessKnown(error);
    }
  }

  /** Without the white space and NUL bytes around it; undefined where it is absent or may not be read. */
  async text(path: string): Promise<string | undefined> {
    return (await this.bytes(path))?.toString('utf8').replaceAll('\0', '\n').trim();
  }

  /** Sorted by name; empty where there is no such folder. */
  async entries(folder: string): Promise<readonly string[]> {
    try {
      return (await readdir(this.real(folder))).sort();
    } catch (error) {
      return unlessKnown(error) ?? [];
    }
  }

  /** Whether whoever runs this may not list it. */
  async isShut(folder: string): Promise<boolean> {
    return readdir(this.real(folder)).then(() => false, isRefusal);
  }

  async exists(path: string): Promise<boolean> {
    return (await this.status(path)).kind !== 'absent';
  }

  async status(path: string): Promise<FileStatus> {
    try {
      const found = await stat(this.real(path));
      return { kind: 'there', isDirectory: found.isDirectory(), mode: found.mode, uid: found.uid, gid: found.gid };
    } catch (error) {
      unlessKnown(error);
      return { kind: isRefusal(error) ? 'refused' : 'absent' };
    }
  }

  /** Bytes that ordinary users may still fill where `path` or the nearest folder above it lies. */
  async freeBytes(path: string): Promise<number | undefined> {
    for (let folder = path; ; folder = posix.dirname(folder)) {
      if (await this.exists(folder)) {
        const { bavail, bsize } = await statfs(this.real(folder));
        return bavail * bsize;
      }
      if (folder === posix.dirname(folder)) return undefined;
    }
  }
}

/** EINVAL and EIO are what some files of /sys say when they have nothing to say. */
const NO_ANSWER: readonly unknown[] = ['ENOENT', 'ENOTDIR', 'ENODEV', 'ENXIO', 'EISDIR', 'EINVAL', 'EIO', 'ELOOP'];
const REFUSALS: readonly unknown[] = ['EACCES', 'EPERM'];

function unlessKnown(error: unknown): undefined {
  if (NO_ANSWER.includes(errnoOf(error)) || isRefusal(error)) return undefined;
  throw error;
}

export function isRefusal(error: unknown): boolean {
  return REFUSALS.includes(errnoOf(error));
}
