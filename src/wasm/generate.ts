/**
 * Runs jco's generator over one component in a thread of its own, thrown away afterwards: a crafted component can panic
 * the generator and poison it for its process, and it needs some 240 MB for a Python plugin. Throws PLUGIN_INVALID when
 * the generator refuses the component, PLUGIN_LOAD_TIMEOUT when it does not come back, SYSTEM_SHORTAGE where there is no thread or
 * memory for it.
 */

import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { limitKey } from '../errors/format-limit';
import { WasiError } from '../errors/wasi-error';
import type { FromGenerator, GeneratedFile } from './generator-channel';
import { isShortage, Shortage } from './temporary-failure';

/** Heap of the generator's thread; its own linear memory comes on top. */
const GENERATOR_HEAP_MB = 256;

export function generate(component: Uint8Array, deadlineMs: number): Promise<readonly GeneratedFile[]> {
  const worker = new Worker(join(__dirname, 'generator-worker.js'), {
    workerData: component,
    env: {},
    argv: [],
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: GENERATOR_HEAP_MB },
  });
  return new Promise<readonly GeneratedFile[]>((resolve, reject) => {
    const late = setTimeout(() => {
      reject(
        new WasiError(
          'PLUGIN_LOAD_TIMEOUT',
          `it was not prepared within ${deadlineMs} ms. Raise ${limitKey('load_deadline_ms')}, or prepare it on a faster machine`,
        ),
      );
    }, deadlineMs);
    worker.once('message', (answer: FromGenerator) => {
      if (answer.kind === 'generated') resolve(answer.files);
      else reject(new WasiError('PLUGIN_INVALID', `jco could not translate it: ${answer.message}`));
    });
    worker.once('error', (cause) => {
      reject(
        isShortage(cause)
          ? new Shortage(`jco's generator could not be run: ${cause.message}`, { cause })
          : new WasiError('PLUGIN_INVALID', `translating it ended jco's generator: ${cause.message}`, { cause }),
      );
    });
    worker.once('exit', (code) => {
      clearTimeout(late);
      reject(new WasiError('PLUGIN_INVALID', `translating it ended jco's generator (exit code ${code})`));
    });
  }).finally(() => worker.terminate());
}
