/** Reads a component's file, where it is one. Throws PLUGIN_INVALID, PLUGIN_NOT_FOUND and DiskFailure. */
import { type Stats, statSync } from 'node:fs';
import { WasiError } from '../errors';
import { FIXED } from '../limit-text';
import { failureReason } from '../read-failure';
import { DiskFailure } from './disk-failure';

/** Ten times the largest plugin seen; a larger file is not one, and is not worth a thread's memory. */
const MAX_COMPONENT_BYTES = 192 * 2 ** 20;

export function reading<T>(path: string, read: (path: string) => T): T {
  try {
    const { size } = regularFile(path);
    if (size > MAX_COMPONENT_BYTES) {
      throw new WasiError(
        'PLUGIN_INVALID',
        `${path} has ${size} bytes, more than the ${MAX_COMPONENT_BYTES} a plugin may have ${FIXED}`,
      );
    }
    return read(path);
  } catch (cause) {
    if (cause instanceof WasiError) throw cause;
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
      throw new WasiError('PLUGIN_NOT_FOUND', `${path} is not there: copy the plugin's .wasm file to it`, { cause });
    }
    throw new DiskFailure(`${path} cannot be read ${failureReason(cause)}`, { cause });
  }
}

/** Nothing else is opened: a pipe would hold the thread where not even its end can be reached. */
function regularFile(path: string): Stats {
  const found = statSync(path);
  if (!found.isFile())
    throw new WasiError('PLUGIN_INVALID', `${path} is not a file: copy the plugin's .wasm file to it`);
  return found;
}
