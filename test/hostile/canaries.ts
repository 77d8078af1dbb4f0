/**
 * What an attack must leave as it is: a file beside its own, host.toml, a variable of the environment, the globals and
 * prototypes of the main realm with their values, what is prepared. `check` names the first one that is not as it was.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const VARIABLE = 'WASI_TEST_CANARY';
const SECRET = 'a secret of the host';
const CONSTRUCTORS = [Object, Array, Function, String, Number, Promise, Map, Error, Uint8Array];
/** What everybody shares, by name; their properties are looked at by value. */
const SHARED: ReadonlyMap<string, object> = new Map<string, object>([
  ['globalThis', globalThis],
  ['JSON', JSON],
  ['Reflect', Reflect],
  ...CONSTRUCTORS.flatMap((owner): [string, object][] => [
    [owner.name, owner],
    [`${owner.name}.prototype`, owner.prototype],
  ]),
]);

export class Canaries {
  readonly #file: string;
  readonly #globals: Realm = realm();

  private constructor(
    readonly userDir: string,
    readonly hostToml: string,
  ) {
    this.#file = join(userDir, 'canary.txt');
  }

  static async settle(userDir: string, hostToml: string): Promise<Canaries> {
    const canaries = new Canaries(userDir, hostToml);
    await writeFile(canaries.#file, SECRET);
    process.env[VARIABLE] = SECRET;
    return canaries;
  }

  /** A file that no attack may make. */
  get forbiddenFile(): string {
    return join(this.userDir, 'forbidden.txt');
  }

  /** What no guest may get to see. */
  get secret(): string {
    return SECRET;
  }

  async check(toml: string): Promise<void> {
    assert.equal(existsSync(this.forbiddenFile), false, 'a file was made');
    assert.equal(await readFile(this.#file, 'utf8'), SECRET, 'a file of the host was changed');
    assert.equal(await readFile(this.hostToml, 'utf8'), toml, 'host.toml was changed');
    assert.equal(process.env[VARIABLE], SECRET, 'a variable was changed');
    assert.deepEqual(changed(this.#globals, realm()), [], 'globals or prototypes of the main realm were changed');
  }

  /** Every blob is what its name says, and only its owner may read it. */
  async checkPrepared(): Promise<void> {
    const folder = join(this.userDir, 'wasi', 'prepared', 'blobs');
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      const digest = createHash('sha256').update(await readFile(path));
      assert.equal(digest.digest('hex'), name, 'a prepared file was altered, or is not whole');
      if (process.platform !== 'win32') assert.equal((await stat(path)).mode & 0o777, 0o600);
    }
  }

  release(): void {
    delete process.env[VARIABLE];
  }
}

type Realm = ReadonlyMap<string, PropertyDescriptor>;

/** Every property of what is shared: `Array.prototype.map`. */
function realm(): Realm {
  const found = new Map<string, PropertyDescriptor>();
  for (const [name, owner] of SHARED) {
    for (const key of Reflect.ownKeys(owner)) {
      const property = Reflect.getOwnPropertyDescriptor(owner, key);
      if (property) found.set(`${name}.${String(key)}`, property);
    }
  }
  return found;
}

/** Properties that are new, gone or another. Node.js puts a value in place of a getter at its first use: that is none. */
function changed(before: Realm, now: Realm): string[] {
  return [...new Set([...before.keys(), ...now.keys()])].filter((name) => {
    const [then, since] = [before.get(name), now.get(name)];
    if (!then || !since) return true;
    if (then.get && !since.get) return !name.startsWith('globalThis.');
    return !Object.is(then.value, since.value) || then.get !== since.get || then.set !== since.set;
  });
}
