/**
 * What is known of components that do not run: size, sha256, imports and exports, each looked at once and kept as long as its file is the same. `known` never waits; `settled` waits for the looks under way, up to a
 * limit, since another component may be inspected or prepared first.
 */

import type { ComponentLoader } from '../component-store/component-loader';
import type { InspectedComponent } from '../component-store/component-source';
import { WasiError } from '../errors/wasi-error';
import { doneWithin } from '../platform/with-timeout';
import type { LocatedComponent } from './plugin-files';

export type Look =
  | { readonly kind: 'looking' }
  | { readonly kind: 'seen'; readonly component: InspectedComponent; readonly at: number }
  | { readonly kind: 'refused'; readonly error: WasiError; readonly at: number };

/** As many plugins as a runtime may have, twice. */
const MAX_KEPT = 128;

export class ComponentLooks {
  readonly #looks = new Map<string, Look>();
  readonly #running = new Set<Promise<void>>();

  constructor(readonly loader: Pick<ComponentLoader, 'inspect'>) {}

  /** Begins to look where nobody has. `pinned`: the only component that may be looked into. */
  known(located: LocatedComponent, pinned: string | undefined): Look {
    const id = JSON.stringify([located.source, located.key, pinned]);
    const known = this.#looks.get(id);
    if (known) return known;
    const look: Look = { kind: 'looking' };
    this.#keep(id, look);
    const running = this.#look(id, located, pinned).finally(() => this.#running.delete(running));
    this.#running.add(running);
    return look;
  }

  async settled(limitMs: number): Promise<void> {
    if (this.#running.size > 0) await doneWithin(limitMs, Promise.all(this.#running));
  }

  async #look(id: string, { source }: LocatedComponent, pinned: string | undefined): Promise<void> {
    try {
      this.#keep(id, { kind: 'seen', component: await this.loader.inspect(source, pinned), at: Date.now() });
    } catch (cause) {
      const error = cause instanceof WasiError ? cause : new WasiError('PLUGIN_INVALID', String(cause), { cause });
      this.#keep(id, { kind: 'refused', error, at: Date.now() });
    }
  }

  #keep(id: string, look: Look): void {
    this.#looks.delete(id);
    this.#looks.set(id, look);
    const [oldest] = this.#looks.keys();
    if (this.#looks.size > MAX_KEPT && oldest !== undefined) this.#looks.delete(oldest);
  }
}
