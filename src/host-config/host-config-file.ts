/**
 * host.toml while it is in use: the configuration that holds, and whether the file has become another one. `look` costs
 * one `stat`; a file that was just written is left alone until it has rested, since half a TOML file may be valid. What
 * cannot be used, or is gone, changes nothing and is said once. Inline text never changes.
 */
import { stat } from 'node:fs/promises';
import { WasiError } from '../errors/wasi-error';
import { errnoOf, isMissing } from '../platform/errno';
import type { HostConfig } from './host-config';
import { type ConfigOrigin, hostConfigPath, loadHostConfig } from './load-host-config';
import type { Machine } from './parse-host-config';
import { configInvalid } from './problems';

export type ConfigLook =
  | { readonly kind: 'same' }
  | { readonly kind: 'changed'; readonly config: HostConfig }
  /** CONFIG_INVALID; the running configuration goes on. */
  | { readonly kind: 'unusable'; readonly error: WasiError };

/** Longer than an editor takes between emptying a file and filling it. */
const REST_MS = 300;
const MISSING = 'missing';

interface Seen {
  /** mtime and ctime in ns, since rights may be what kept it from being read, size and inode, or MISSING. */
  readonly identity: string;
  readonly modifiedAt: number;
}

export class HostConfigFile {
  #seen: string;

  private constructor(
    readonly origin: ConfigOrigin,
    readonly machine: Machine,
    /** undefined: inline text. */
    readonly path: string | undefined,
    /** As it was when the runtime opened. */
    readonly first: HostConfig,
    seen: string,
  ) {
    this.#seen = seen;
  }

  /** Throws CONFIG_INVALID. */
  static async open(origin: ConfigOrigin, machine: Machine): Promise<HostConfigFile> {
    const path = hostConfigPath(origin);
    // Looked at before it is read: a change in between is found by the next look.
    const { identity } = await identify(path);
    return new HostConfigFile(origin, machine, path, await loadHostConfig(origin, machine), identity);
  }

  /**
   * Never rejects; not to be called again before it is over. `writtenWhole`: by somebody who renamed it into its place, so
   * that it need not rest.
   */
  async look(now = Date.now(), writtenWhole = false): Promise<ConfigLook> {
    const { identity, modifiedAt } = await identify(this.path);
    // A clock that was set back must not keep a file waiting for ever.
    const rested = writtenWhole || Math.abs(now - modifiedAt) >= REST_MS;
    if (identity === this.#seen || !rested) return { kind: 'same' };
    this.#seen = identity;
    if (identity === MISSING)
      return { kind: 'unusable', error: configInvalid(`${this.path}: expected a file, found none`) };
    try {
      return { kind: 'changed', config: await loadHostConfig(this.origin, this.machine) };
    } catch (error) {
      return {
        kind: 'unusable',
        error: error instanceof WasiError ? error : configInvalid(String(error), { cause: error }),
      };
    }
  }
}

/** Changes when the file does, in content or rights; never rejects. */
export async function configFingerprint(origin: ConfigOrigin): Promise<string> {
  return (await identify(hostConfigPath(origin))).identity;
}

async function identify(path: string | undefined): Promise<Seen> {
  if (path === undefined) return { identity: 'inline', modifiedAt: 0 };
  try {
    const { mtimeNs, ctimeNs, size, ino, mtimeMs } = await stat(path, { bigint: true });
    return { identity: `${mtimeNs} ${ctimeNs} ${size} ${ino}`, modifiedAt: Number(mtimeMs) };
  } catch (error) {
    // Reading it says why it cannot be had; another reason is a change.
    return { identity: isMissing(error) ? MISSING : `unreadable: ${errnoOf(error)}`, modifiedAt: 0 };
  }
}
