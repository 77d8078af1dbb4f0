/** Reads a component's file, where it is one. Throws PLUGIN_INVALID, PLUGIN_NOT_FOUND and DiskFailure. */
import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { failureReason } from '../errors/failure-reason';
import { FIXED } from '../errors/format-limit';
import { WasiError } from '../errors/wasi-error';
import { isMissing } from '../platform/errno';
import { DiskFailure } from '../wasm/temporary-failure';

/** Ten times the largest plugin seen; a larger file is not one, and is not worth the memory. */
const MAX_COMPONENT_BYTES = 192 * 2 ** 20;

/** `read` is given the file's size, in bytes. */
export async function reading<T>(path: string, read: (path: string, sizeBytes: number) => Promise<T>): Promise<T> {
  try {
    const { size } = await regularFile(path);
    if (size > MAX_COMPONENT_BYTES) {
      throw new WasiError(
        'PLUGIN_INVALID',
        `${path} has ${size} bytes, more than the ${MAX_COMPONENT_BYTES} a plugin may have ${FIXED}`,
      );
    }
    return await read(path, size);
  } catch (cause) {
    if (cause instanceof WasiError) throw cause;
    if (isMissing(cause)) {
      throw new WasiError('PLUGIN_NOT_FOUND', `${path} is not there: copy the plugin's .wasm file to it`, { cause });
    }
    throw new DiskFailure(`${path} cannot be read ${failureReason(cause)}`, { cause });
  }
}

/** Nothing else is opened: reading a pipe would wait for somebody who writes to it. */
async function regularFile(path: string): Promise<Stats> {
  const found = await stat(path);
  if (!found.isFile())
    throw new WasiError('PLUGIN_INVALID', `${path} is not a file: copy the plugin's .wasm file to it`);
  return found;
}
