/**
 * What is kept of one prepared component: enough to instantiate it without jco. Written with a digest of itself in the
 * first line, and parsed at one place: what was cut short or altered is no manifest.
 */
import { isNameList } from './inspect';
import { sha256 } from './sha256';

export interface Manifest {
  /** sha256 of the `.wasm` file. */
  readonly component: string;
  /** Full names with versions, as in ComponentShape. */
  readonly imports: readonly string[];
  readonly exports: readonly string[];
  /** sha256 of the glue's JavaScript. */
  readonly glue: string;
  readonly modules: readonly ManifestModule[];
}

export interface ManifestModule {
  /** The name the glue asks for: `plugin.core3.wasm`. */
  readonly file: string;
  readonly digest: string;
  /** Whether its memory must be limited before it is compiled. */
  readonly definesMemory: boolean;
  /** Where its data lies, when it was taken out of the module. */
  readonly data?: { readonly digest: string; readonly memory: string };
}

/** What names and modules a component may have is bounded below this (inspect.ts, prepare.ts). */
export const MAX_MANIFEST_BYTES = 512 * 2 ** 10;

const DIGEST = /^[0-9a-f]{64}$/;
const MODULE_FILE = /^plugin\.core[0-9]*\.wasm$/;

export function manifestText(manifest: Manifest): string {
  const json = JSON.stringify(manifest);
  return `${sha256(json)}\n${json}`;
}

/** undefined for anything that is not a whole manifest as it was written. */
export function parseManifest(text: string): Manifest | undefined {
  const end = text.indexOf('\n');
  const json = text.slice(end + 1);
  if (text.slice(0, Math.max(0, end)) !== sha256(json)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  return manifestOf(value);
}

/** undefined for anything that is not of a manifest's form. */
export function manifestOf(value: unknown): Manifest | undefined {
  if (!isRecord(value)) return undefined;
  const { component, imports, exports, glue, modules } = value;
  if (!isDigest(component) || !isDigest(glue) || !isNameList(imports) || !isNameList(exports)) return undefined;
  if (!Array.isArray(modules) || !modules.every(isModule)) return undefined;
  return { component, imports, exports, glue, modules: modules.map(moduleOf) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isDigest(value: unknown): value is string {
  return typeof value === 'string' && DIGEST.test(value);
}

function isModule(value: unknown): value is ManifestModule {
  return (
    isRecord(value) &&
    typeof value['file'] === 'string' &&
    MODULE_FILE.test(value['file']) &&
    isDigest(value['digest']) &&
    typeof value['definesMemory'] === 'boolean' &&
    (value['data'] === undefined || isData(value['data']))
  );
}

function isData(value: unknown): boolean {
  return isRecord(value) && isDigest(value['digest']) && typeof value['memory'] === 'string';
}

/** Its own fields, and no others. */
function moduleOf({ file, digest, definesMemory, data }: ManifestModule): ManifestModule {
  return { file, digest, definesMemory, ...(data ? { data: { digest: data.digest, memory: data.memory } } : {}) };
}

/** Every blob that an entry needs. */
export function blobsOf(manifest: Manifest): readonly string[] {
  return [manifest.glue, ...manifest.modules.flatMap(({ digest, data }) => (data ? [digest, data.digest] : [digest]))];
}
