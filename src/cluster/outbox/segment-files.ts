/**
 * The folder of the outbox, `<userDir>/wasi/outbox`: one file a segment, mode 0600. What `append` has come back from
 * survives a power failure, the file's name included. Throws what the file system throws.
 */
import { open, readdir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, syncFolder } from '../../platform/durable-file';
import { isMissing } from '../../platform/errno';

export interface SegmentFiles {
  /** For messages. */
  readonly folder: string;
  /** Every name in the folder; none where there is no folder. */
  list(): Promise<readonly string[]>;
  /** Behind what the file has; it is made where there is none. Where this throws, some of it may be there. */
  append(name: string, data: Buffer): Promise<void>;
  /** At most `limit` bytes from its begin. */
  read(name: string, limit: number): Promise<Buffer>;
  remove(name: string): Promise<void>;
  setAside(name: string): Promise<void>;
}

export function segmentFolder(folder: string): SegmentFiles {
  const path = (name: string) => join(folder, name);
  return {
    folder,
    list: async () => {
      try {
        return await readdir(folder);
      } catch (error) {
        if (isMissing(error)) return [];
        throw error;
      }
    },
    append: async (name, data) => {
      await makeFolder(folder);
      const file = await open(path(name), 'a', 0o600);
      let isNew = false;
      try {
        isNew = (await file.stat()).size === 0;
        await file.appendFile(data);
        await file.datasync();
      } finally {
        await file.close();
      }
      if (isNew) await syncFolder(folder);
    },
    read: async (name, limit) => {
      const file = await open(path(name), 'r');
      try {
        const size = Math.min((await file.stat()).size, limit);
        const data = Buffer.alloc(size);
        let filled = 0;
        while (filled < size) {
          const { bytesRead } = await file.read(data, filled, size - filled, filled);
          if (bytesRead === 0) break;
          filled += bytesRead;
        }
        return data.subarray(0, filled);
      } finally {
        await file.close();
      }
    },
    remove: (name) => unlink(path(name)),
    setAside: (name) => rename(path(name), path(`${name}.broken`)),
  };
}
