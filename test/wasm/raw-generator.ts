/** jco's generator in this thread, as generator-worker.ts calls it: nothing is checked before, and nothing after. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { REPOSITORY } from './components';

export type GeneratedFiles = [string, Uint8Array][];

export interface RawGenerator {
  generate(component: Uint8Array): GeneratedFiles;
}

interface Bundle {
  readonly $init: Promise<void>;
  generate(component: Uint8Array, options: object): { files: GeneratedFiles };
}

const OPTIONS = {
  name: 'plugin',
  instantiation: { tag: 'async' },
  noTypescript: true,
  noNodejsCompat: true,
  base64Cutoff: 0,
};

let opened = 0;

/** A new instance each time, since a panic makes the one before useless. */
export async function openRawGenerator(): Promise<RawGenerator> {
  const entry = join(REPOSITORY, 'dist', 'src', 'wasm', 'generator', 'generator.mjs');
  opened += 1;
  const bundle: Bundle = await import(`${pathToFileURL(entry).href}?${opened}`);
  await bundle.$init;
  return { generate: (component) => bundle.generate(component, OPTIONS).files };
}
