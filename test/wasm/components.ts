/**
 * Where tests find components: those built from test/fixtures/guests and plugins/, and small ones written as text. Paths
 * do not depend on where the tests were compiled to.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export const REPOSITORY = rootAbove(__dirname);

function rootAbove(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : rootAbove(dirname(folder));
}

/** Path of a guest of test/fixtures/guests. */
export function fixture(name: string): string {
  return join(REPOSITORY, 'build', 'fixtures', `${name}.wasm`);
}

/** Path of a plugin that comes with the package. */
export function bundledPlugin(name: string): string {
  return join(REPOSITORY, 'build', 'plugins', `${name}.wasm`);
}

export function bytesOf(path: string): Uint8Array {
  return new Uint8Array(readFileSync(path));
}

/** Text format to binary, of modules and components; nothing is validated, so hostile ones can be written too. */
export async function fromText(wat: string): Promise<Uint8Array> {
  const { parse } = await import('@bytecodealliance/jco-transpile/wasm-tools');
  return parse(wat);
}

/** A component with one function, whose core export is called `coreName`. */
export function withCoreName(coreName: string): Promise<Uint8Array> {
  const name = watString(coreName);
  return fromText(`(component
    (core module $m (func (export ${name})))
    (core instance $i (instantiate $m))
    (func (export "poll") (canon lift (core func $i ${name}))))`);
}

/** A component that answers `poll` with `answer`. */
export function answering(answer: number): Promise<Uint8Array> {
  return fromText(`(component
    (core module $m (func (export "poll") (result i32) i32.const ${answer}))
    (core instance $i (instantiate $m))
    (func (export "poll") (result u32) (canon lift (core func $i "poll"))))`);
}

/** The same component with other bytes, so that nobody has prepared it: a custom section at its end. */
export function neverPrepared(component: Uint8Array): Uint8Array {
  const name = Buffer.from('test');
  const content = Buffer.concat([Buffer.from([name.length]), name, randomBytes(16)]);
  return Buffer.concat([component, Buffer.from([0, content.length]), content]);
}

function watString(text: string): string {
  const escaped = [...Buffer.from(text)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`);
  return `"${escaped.join('')}"`;
}

/** A folder of its own for one test, gone with it. */
export function scratchFolder(test: { after(end: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'wasi-test-'));
  // What was opened after it is closed after it, and may write a last file meanwhile.
  test.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** A component that exports `logic` with one function `poll` of this type; `module` is a core module's inside. */
export function polling(type: string, module: string, options = ''): Promise<Uint8Array> {
  return fromText(`(component
    (core module $m ${module})
    (core instance $i (instantiate $m))
    (func $poll ${type} (canon lift (core func $i "poll")${options}))
    (instance $logic (export "poll" (func $poll)))
    (export "test:test/logic" (instance $logic)))`);
}
