/**
 * PiCtory's configuration as it is now: the file is looked at before each use and read anew when it was written since. A
 * file that cannot be read is no end: the driver knows its variables, too (process-image.ts). It is tried at each use, as
 * rights that are corrected do not show in the time of its writing.
 */

import { readFile, stat } from 'node:fs/promises';
import { errnoOf } from '../../platform/errno';
import { type PiCtoryConfig, parseConfigRsc } from './config-rsc';

export type Configuration =
  | { readonly kind: 'read'; readonly config: PiCtoryConfig }
  /** `because`: a clause for an error's text. */
  | { readonly kind: 'unreadable'; readonly because: string };

/** 64 modules have some 200 KB. */
const MAX_BYTES = 8 * 2 ** 20;

export class ConfigurationFile {
  readonly path: string;
  #known: { readonly version: string; readonly configuration: Configuration & { readonly kind: 'read' } } | undefined;

  constructor(path: string) {
    this.path = path;
  }

  async current(): Promise<Configuration> {
    let version: string;
    try {
      const { ino, size, mtimeMs } = await stat(this.path);
      version = `${ino} ${size} ${mtimeMs}`;
      if (size > MAX_BYTES) return unreadable(`${this.path} has ${size} bytes, which is no configuration of PiCtory`);
    } catch (error) {
      return unreadable(`${this.path} cannot be read (${errnoOf(error)})`);
    }
    if (this.#known?.version === version) return this.#known.configuration;
    const configuration = await this.#read();
    this.#known = configuration.kind === 'read' ? { version, configuration } : undefined;
    return configuration;
  }

  async #read(): Promise<Configuration> {
    try {
      return Object.freeze({ kind: 'read', config: parseConfigRsc(await readFile(this.path, 'utf8')) });
    } catch (error) {
      return unreadable(`${this.path} cannot be read (${error instanceof Error ? error.message : String(error)})`);
    }
  }
}

function unreadable(because: string): Configuration {
  return Object.freeze({ kind: 'unreadable', because });
}
