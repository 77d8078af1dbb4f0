/**
 * The disposable thread around jco's generator: one component in, its files out. Anything the generator throws is the
 * component's fault and goes back as text; a panic ends the thread.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type { FromGenerator } from './generator-channel';

/** The part of jco-transpile's `component` entry that is used; see its js-component-bindgen-component.d.ts. */
interface Generator {
  readonly $init: Promise<void>;
  generate(
    component: Uint8Array,
    options: {
      name: string;
      instantiation: { tag: 'async' };
      noTypescript: boolean;
      noNodejsCompat: boolean;
      base64Cutoff: number;
    },
  ): { files: [string, Uint8Array][] };
}

/** A fixed name: it is written into the glue, so it must never come from a file's name. */
const GLUE_NAME = 'plugin';

async function run(component: Uint8Array): Promise<FromGenerator> {
  const entry = pathToFileURL(join(__dirname, 'generator', 'generator.mjs')).href;
  const generator: Generator = await import(entry);
  await generator.$init;
  try {
    const { files } = generator.generate(component, {
      name: GLUE_NAME,
      instantiation: { tag: 'async' },
      noTypescript: true,
      noNodejsCompat: true,
      base64Cutoff: 0,
    });
    return { kind: 'generated', files: files.map(([name, bytes]) => ({ name, bytes })) };
  } catch (error) {
    return { kind: 'refused', message: error instanceof Error ? error.message : String(error) };
  }
}

void run(workerData).then((answer) => {
  const buffers = answer.kind === 'generated' ? answer.files.map((file) => file.bytes.buffer) : [];
  parentPort?.postMessage(
    answer,
    [...new Set(buffers)].filter((buffer): buffer is ArrayBuffer => buffer instanceof ArrayBuffer),
  );
});
