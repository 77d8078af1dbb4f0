/**
 * Where a runtime's configuration comes from: the text in its node, a named file, `wasi/host.toml` in the user
 * directory if it is there, or else the built-in defaults. A named file that is missing is an error, since someone
 * meant it to be read. Throws CONFIG_INVALID for a file that cannot be read, naming it and why.
 */
import { lstat, open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { failureReason } from '../errors/failure-reason';
import { isMissing } from '../platform/errno';
import type { HostConfig } from './host-config';
import { MAX_CONFIG_BYTES, type Machine, parseHostConfig } from './parse-host-config';
import { configInvalid } from './problems';

export interface ConfigOrigin {
  readonly configSource: 'file' | 'inline';
  /** Absolute, or relative to `userDir`; "" for `wasi/host.toml` if it exists. */
  readonly configFile: string;
  readonly configText: string;
  readonly userDir: string;
}

/** The file to read and to watch, whether it exists or not; none for inline text. */
export function hostConfigPath({ configSource, configFile, userDir }: ConfigOrigin): string | undefined {
  if (configSource === 'inline') return undefined;
  return configFile === '' ? join(userDir, 'wasi', 'host.toml') : resolve(userDir, configFile);
}

export async function loadHostConfig(origin: ConfigOrigin, machine: Machine): Promise<HostConfig> {
  const path = hostConfigPath(origin);
  if (path === undefined) return parseHostConfig(origin.configText, 'inline', machine);
  const bytes = await readConfigBytes(path);
  if (bytes !== undefined) return parseHostConfig(configText(bytes, path).replace(/^\ufeff/, ''), path, machine);
  if (origin.configFile === '') return parseHostConfig('', 'built-in defaults', machine);
  throw configInvalid(`${path}: expected a file, found none`);
}

/** Undefined if there is no such file. */
export async function readConfigBytes(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readBounded(path);
  } catch (error) {
    if (isMissing(error) && !(await isLink(path))) return undefined;
    if (isMissing(error)) throw configInvalid(`${path} is a link that leads nowhere`, { cause: error });
    throw configInvalid(`${path} cannot be read ${failureReason(error)}`, { cause: error });
  }
}

/** A byte order mark stays in the text. */
export function configText(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw configInvalid(`${path} cannot be read: it is not UTF-8 text`, { cause });
  }
}

/** Reads one byte more than is allowed at most, so that a device or a huge file does no harm and is still refused. */
async function readBounded(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(MAX_CONFIG_BYTES + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
      length += bytesRead;
      if (bytesRead === 0 || length === buffer.length) return buffer.subarray(0, length);
    }
  } finally {
    await file.close();
  }
}

/** Somebody meant what it leads to to be read. */
async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink();
  } catch {
    return false;
  }
}
