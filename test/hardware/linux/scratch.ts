/** A folder of real files in the place of /dev or /sys, gone with the test. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';

export interface Scratch {
  readonly folder: string;
  write(path: string, content: string | Uint8Array): Promise<void>;
  remove(path: string): Promise<void>;
}

export async function scratchOf(
  t: TestContext,
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<Scratch> {
  const folder = await mkdtemp(join(tmpdir(), 'linux-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const scratch: Scratch = {
    folder,
    async write(path, content) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    },
    remove: (path) => rm(join(folder, path), { recursive: true }),
  };
  for (const [path, content] of Object.entries(files)) await scratch.write(path, content);
  return scratch;
}
