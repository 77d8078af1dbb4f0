/**
 * First stage, for every mutant: the package's own readers of the binary format. They may refuse with PLUGIN_INVALID or
 * PLUGIN_MEMORY and nothing else. What they accept is compared with V8, which reads the same bytes with another parser:
 * a name that V8 sees and the check did not would be code in jco's glue.
 */
import { WasiError } from '../../src/errors/wasi-error';
import { checkComponentNames } from '../../src/wasm/component-names';
import { definitions, limitMemory, limitTables } from '../../src/wasm/core-limits';
import { checkCoreModuleNames } from '../../src/wasm/core-module';
import { splitData } from '../../src/wasm/data-segments';
import { inspectComponent } from '../../src/wasm/inspect';
import { interruptible } from '../../src/wasm/interrupt-points';
import { withSafeCoreNames } from '../../src/wasm/safe-core-names';
import { attempt, type Judgement } from './judgement';
import { type Binary, binariesIn, encodeTree, parseTree } from './section-tree';

export const MEMORY_MB = 4;
const PAGES_PER_MIB = 16;
const START_SECTION = 8;

/** Nothing that ends a string, a comment or an expression. */
const HARMLESS = /^[^\s'"`\\(){};,\p{C}]*$/u;

const refusal = (error: unknown) =>
  error instanceof WasiError && (error.code === 'PLUGIN_INVALID' || error.code === 'PLUGIN_MEMORY');

export function judgeReaders(bytes: Uint8Array): Judgement {
  const findings: string[] = [];
  const shape = attempt('inspectComponent', findings, refusal, () => inspectComponent(bytes));
  for (const name of shape ? [...shape.value.imports, ...shape.value.exports] : []) {
    if (!HARMLESS.test(name)) findings.push(`inspectComponent let the name ${JSON.stringify(name)} pass`);
  }
  const tree = parseTree(bytes);
  const modules = tree ? binariesIn(tree).filter(isCoreModule) : [];
  let compiled = judgeModule(bytes, undefined, findings) ? 1 : 0;
  for (const module of modules) if (judgeModule(encodeTree(module), module, findings)) compiled += 1;
  if (shape) findings.push(...unsafeAfterReplacement(bytes));
  const kind = shape ? 'component' : 'not a component';
  return {
    verdict: `${kind}${compiled > 0 ? ', modules compile' : ''}`,
    passed: shape !== undefined,
    findings: [...new Set(findings)],
  };
}

/** What V8 sees in the modules of a component whose core names were replaced. */
function unsafeAfterReplacement(bytes: Uint8Array): string[] {
  const findings: string[] = [];
  const safe = attempt('withSafeCoreNames', findings, refusal, () => withSafeCoreNames(bytes));
  if (safe) attempt('checkComponentNames', findings, refusal, () => checkComponentNames(safe.value));
  const tree = safe && parseTree(safe.value);
  for (const module of tree ? binariesIn(tree).filter(isCoreModule) : []) {
    const compiled = compile(encodeTree(module));
    if (compiled) findings.push(...unsafeNames(compiled, 'withSafeCoreNames'));
  }
  return findings;
}

function isCoreModule({ header }: Binary): boolean {
  return header[6] === 0;
}

/** Whether V8 takes it. */
function judgeModule(bytes: Uint8Array, tree: Binary | undefined, findings: string[]): boolean {
  const namesPassed = attempt('checkCoreModuleNames', findings, refusal, () => checkCoreModuleNames(bytes));
  const ownMemory = attempt('definitions', findings, refusal, () => definitions(bytes));
  const limited = attempt('limitMemory', findings, refusal, () => limitTables(limitMemory(bytes, MEMORY_MB)));
  const ended = attempt('interruptible', findings, refusal, () => interruptible(bytes));
  attempt('splitData', findings, refusal, () => splitData(bytes));
  const module = compile(bytes);
  if (!module) return false;
  if (namesPassed) findings.push(...unsafeNames(module, 'checkCoreModuleNames'));
  if (!ownMemory) findings.push('definitions refused a module that V8 takes');
  if (ended && !compile(ended.value)) findings.push('interruptible made of a valid module one that is not');
  if (limited) findings.push(...unlimited(limited.value, tree));
  return true;
}

function compile(bytes: Uint8Array): WebAssembly.Module | undefined {
  try {
    return new WebAssembly.Module(new Uint8Array(bytes));
  } catch {
    return undefined;
  }
}

function unsafeNames(module: WebAssembly.Module, passedBy: string): string[] {
  const imported = WebAssembly.Module.imports(module).flatMap((entry) => [entry.module, entry.name]);
  const exported = WebAssembly.Module.exports(module).map(({ name }) => name);
  return [...imported, ...exported]
    .filter((name) => !HARMLESS.test(name))
    .map((name) => `${passedBy} did not see the name ${JSON.stringify(name)}, which V8 does`);
}

/** Instantiated only where nothing of it runs by itself. */
function unlimited(limited: Uint8Array, tree: Binary | undefined): string[] {
  const module = compile(limited);
  if (!module) return ['limitMemory made of a valid module one that is not'];
  const starts = !tree || tree.sections.some(({ id }) => id === START_SECTION);
  if (starts || WebAssembly.Module.imports(module).length > 0) return [];
  return Object.values(instantiated(module)).flatMap((memory) =>
    memory instanceof WebAssembly.Memory && growsPast(memory) ? [`a memory grows past its limit`] : [],
  );
}

function instantiated(module: WebAssembly.Module): WebAssembly.Exports {
  try {
    return new WebAssembly.Instance(module).exports;
  } catch {
    return {};
  }
}

function growsPast(memory: WebAssembly.Memory): boolean {
  const pages = memory.buffer.byteLength / 65_536;
  try {
    memory.grow(MEMORY_MB * PAGES_PER_MIB - pages + 1);
    return true;
  } catch {
    return false;
  }
}
