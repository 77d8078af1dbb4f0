/**
 * The tests' guests of other toolchains than Python's (test/fixtures/guests/toolchains): those recorded there, and those
 * that scripts/build-toolchain-guests.mjs built (build/toolchains.json).
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../wasm/components';

type Built = Readonly<Record<string, { readonly component: string } | { readonly reason: string }>>;

const FOUND = join(REPOSITORY, 'build', 'toolchains.json');
const RECORDED = join(REPOSITORY, 'test', 'fixtures', 'guests', 'toolchains', 'recorded');

/** Every guest that is the same sensor, by its toolchain. */
export const SENSORS = ['rust', 'rust_core', 'go', 'quickjs', 'starlingmonkey'] as const;

const found: Built | { readonly reason: string } = existsSync(FOUND)
  ? JSON.parse(readFileSync(FOUND, 'utf8'))
  : { reason: 'there is no build/toolchains.json: run "node scripts/build-toolchain-guests.mjs"' };

/** Path of a guest that is part of the repository: Rust's and the composed one. */
export function recordedGuest(name: 'rust' | 'rust_core' | 'composed'): string {
  return join(RECORDED, `${name}.wasm`);
}

/** Why this machine could not build a guest; false where it did. */
export function notBuilt(name: string): string | false {
  const guest = 'reason' in found ? found : found[name];
  if (guest === undefined) return `build/toolchains.json names no ${name}`;
  return 'reason' in guest ? String(guest.reason) : false;
}

export function builtGuest(name: string): string {
  return join(REPOSITORY, 'build', 'toolchains', `${name}.wasm`);
}
