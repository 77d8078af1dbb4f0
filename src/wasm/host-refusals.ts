/**
 * The newest error that the host answered to a call of the guest. A guest that does not catch it often dies of that
 * without a word about it: componentize-py and componentize-js lose the error where it leaves the plugin's function.
 */
import { errorText } from './error-text';
import { shownText } from './shown-text';

export interface HostRefusal {
  /** `i2c.transfer`. */
  readonly call: string;
  readonly text: string;
}

const MAX_TEXT_LENGTH = 250;

export class HostRefusals {
  #newest: HostRefusal | undefined;

  /** Since `forget`. */
  get newest(): HostRefusal | undefined {
    return this.#newest;
  }

  /** Before each call of the guest. */
  forget(): void {
    this.#newest = undefined;
  }

  /** The same interfaces, by their full names, heard by this. */
  hearing(interfaces: Readonly<Record<string, object>>): Record<string, object> {
    return Object.fromEntries(
      Object.entries(interfaces).map(([name, functions]) => {
        const entries: [string, unknown][] = Object.entries(functions);
        return [name, Object.fromEntries(entries.map(([key, each]) => [key, this.#heard(name, key, each)]))];
      }),
    );
  }

  #heard(name: string, key: string, implementation: unknown): unknown {
    if (typeof implementation !== 'function') return implementation;
    return (...args: unknown[]): unknown => {
      try {
        return Reflect.apply(implementation, undefined, args);
      } catch (error) {
        this.#note(name, key, error);
        throw error;
      }
    };
  }

  /** What has no payload is not the guest's to catch: it ends the guest. */
  #note(name: string, key: string, error: unknown): void {
    if (!(error instanceof Error && Object.hasOwn(error, 'payload') && 'payload' in error)) return;
    const call = `${name.slice(name.indexOf('/') + 1)}.${kebab(key)}`;
    this.#newest = { call, text: shownText(errorText(error.payload) ?? 'without a reason', MAX_TEXT_LENGTH) };
  }
}

/** As WIT has it: `read-dht22` for `readDht22`. */
function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
