/**
 * Second stage, for what the first let pass: jco's generator in this thread, then the checks of `prepare.ts` on what it
 * made. Faster than the real way, which starts a thread for each component, so that ten times as many are seen. A name
 * that got into the glue unescaped shows here as a script that does not parse, or as an import that was not announced.
 */
import { WasiError } from '../../src/errors/wasi-error';
import { checkCoreModuleNames } from '../../src/wasm/core-module';
import { splitData } from '../../src/wasm/data-segments';
import { scriptFromGlue } from '../../src/wasm/glue';
import { inspectComponent } from '../../src/wasm/inspect';
import { checkTranslatedCoreName } from '../../src/wasm/names';
import { withSafeCoreNames } from '../../src/wasm/safe-core-names';
import { type GeneratedFiles, openRawGenerator, type RawGenerator } from '../wasm/raw-generator';
import { attempt, type Judgement } from './judgement';

/** A tiny component that makes the generator hold more than this would take a Raspberry Pi down. */
const MAX_PROCESS_BYTES = 1.5 * 2 ** 30;
const IMPORT_OF_GLUE = /\bimports\[(['"])(.*?)\1\]/g;

/** jco writes these as they are, where strict mode forbids them. Any other glue that is no script holds what was pasted. */
const RESERVED_WORD = /Unexpected eval or arguments|Unexpected strict mode reserved word|Unexpected reserved word/;

const refusal = (error: unknown) =>
  error instanceof WasiError &&
  error.code === 'PLUGIN_INVALID' &&
  !(error.cause instanceof SyntaxError && !RESERVED_WORD.test(error.cause.message));

export async function translationJudge(): Promise<(bytes: Uint8Array) => Judgement> {
  const generator = await openRawGenerator();
  return (bytes) => judge(generator, bytes);
}

function judge(generator: RawGenerator, bytes: Uint8Array): Judgement {
  let files: GeneratedFiles;
  try {
    files = generator.generate(withSafeCoreNames(bytes));
  } catch (error) {
    const poisoned = error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
    return {
      verdict: poisoned ? 'the generator broke' : 'the generator refused',
      passed: false,
      findings: tooLarge(),
      poisoned,
    };
  }
  const findings = tooLarge();
  // In this order, and no further than the first refusal, as prepare.ts: glue behind a refused name is never looked at.
  for (const [name, content] of files) {
    const found = attempt(name, findings, refusal, () => check(bytes, name, content));
    if (!found) return { verdict: 'stopped by a check', passed: false, findings };
    findings.push(...found.value);
  }
  return { verdict: 'translated', passed: true, findings };
}

function check(component: Uint8Array, name: string, content: Uint8Array): string[] {
  if (name.endsWith('.wasm')) {
    checkCoreModuleNames(content, checkTranslatedCoreName);
    splitData(content);
    return [];
  }
  const text = Buffer.from(content).toString('utf8');
  scriptFromGlue(text);
  return unannounced(component, text);
}

/** Grants are checked against what `inspectComponent` saw: the glue must not take more. */
function unannounced(component: Uint8Array, glue: string): string[] {
  const announced = new Set(inspectComponent(component).imports.map((name) => name.split('@')[0]));
  return [...glue.matchAll(IMPORT_OF_GLUE)]
    .map(([, , name]) => name ?? '')
    .filter((name) => !announced.has(name))
    .map((name) => `the glue takes the import ${JSON.stringify(name)}, which inspectComponent did not see`);
}

function tooLarge(): string[] {
  const { rss } = process.memoryUsage();
  return rss > MAX_PROCESS_BYTES ? [`the process holds ${Math.round(rss / 2 ** 20)} MiB`] : [];
}
