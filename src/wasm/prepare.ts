/**
 * From a component's bytes to an entry of the prepared store, which the caller writes: core names made safe, names checked,
 * glue generated in a disposable thread and made into a script, core modules by digest. What is in the store has passed
 * every check here, so that loading it later costs a digest and nothing more.
 */
import { WasiError } from '../errors/wasi-error';
import { MAX_GLUE_BYTES, MAX_MODULE_BYTES } from './blob-limits';
import { checkCode } from './code-limits';
import { checkComponentNames } from './component-names';
import { definitions, limitTables } from './core-limits';
import { checkCoreModuleNames } from './core-module';
import { splitData } from './data-segments';
import { generate } from './generate';
import { scriptFromGlue } from './glue';
import { type ComponentShape, inspectComponent } from './inspect';
import { interruptible } from './interrupt-points';
import type { Manifest, ManifestModule } from './manifest';
import { checkTranslatedCoreName } from './names';
import { withSafeCoreNames } from './safe-core-names';
import { sha256 } from './sha256';

/** A Python plugin has 14, and two tables. */
const MAX_CORE_MODULES = 256;
const MAX_TABLES = 16;

export interface PreparedComponent {
  readonly manifest: Manifest;
  /** By sha256. */
  readonly blobs: ReadonlyMap<string, Uint8Array>;
}

/** `admit`: throws for a component that is not to be translated. */
export async function prepare(
  component: Uint8Array,
  deadlineMs: number,
  admit: (shape: ComponentShape) => void = () => undefined,
): Promise<PreparedComponent> {
  const shape = inspectComponent(component);
  const translatable = withSafeCoreNames(component);
  checkComponentNames(translatable);
  admit(shape);
  const digest = sha256(component);
  const files = await generate(new Uint8Array(translatable), deadlineMs);
  const blobs = new Map<string, Uint8Array>();
  const keep = (bytes: Uint8Array): string => {
    const key = sha256(bytes);
    blobs.set(key, bytes);
    return key;
  };
  const modules: ManifestModule[] = [];
  let tables = 0;
  let glue: string | undefined;
  for (const { name, bytes } of files) {
    if (name.endsWith('.wasm')) {
      checkCoreModuleNames(bytes, checkTranslatedCoreName);
      checkCode(bytes);
      tables += definitions(bytes).tables;
      modules.push(moduleEntry(name, interruptible(limitTables(bytes)), keep));
    } else if (name.endsWith('.js')) {
      checkGlueSize(bytes.length);
      glue = keep(Buffer.from(scriptFromGlue(Buffer.from(bytes).toString('utf8'))));
    }
  }
  checkNumbers(modules.length, tables);
  if (glue === undefined) throw new WasiError('PLUGIN_INVALID', 'jco made no JavaScript of it');
  const manifest: Manifest = { component: digest, ...shape, glue, modules };
  return { manifest, blobs };
}

/** Each module is instantiated once (core-instances.ts), so that these bound what a whole component takes. */
function checkNumbers(modules: number, tables: number): void {
  if (modules > MAX_CORE_MODULES)
    throw new WasiError('PLUGIN_INVALID', `it has ${modules} core modules; at most ${MAX_CORE_MODULES}`);
  if (tables > MAX_TABLES) throw new WasiError('PLUGIN_INVALID', `it makes ${tables} tables; at most ${MAX_TABLES}`);
}

function checkGlueSize(bytes: number): void {
  if (bytes <= MAX_GLUE_BYTES) return;
  throw new WasiError(
    'PLUGIN_INVALID',
    `jco made ${bytes} bytes of JavaScript of it, more than the ${MAX_GLUE_BYTES} a plugin may have: make its types smaller`,
  );
}

function moduleEntry(file: string, bytes: Uint8Array, keep: (bytes: Uint8Array) => string): ManifestModule {
  if (bytes.length > MAX_MODULE_BYTES)
    throw new WasiError('PLUGIN_INVALID', `a core module has ${bytes.length} bytes; at most ${MAX_MODULE_BYTES}`);
  const { memories } = definitions(bytes);
  if (memories > 1) throw new WasiError('PLUGIN_INVALID', `a core module makes ${memories} memories; at most one`);
  const split = splitData(bytes);
  const entry = { file, digest: keep(split?.code ?? bytes), definesMemory: memories === 1 };
  return split ? { ...entry, data: { digest: keep(split.data), memory: split.memory } } : entry;
}
