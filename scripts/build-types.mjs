// Generates the host's TypeScript types from wit/: one .d.ts an interface, into build/wit-types/interfaces/.
// A world that imports every interface is made up here, since no plugin's world does.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { $init, generateTypes } from '@bytecodealliance/jco-transpile/component';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = join(root, 'build', 'wit-types');
const EXPORTED = /-logic$|^hand-over$/;

const texts = readdirSync(join(root, 'wit'))
  .filter((file) => file.endsWith('.wit') && file !== 'worlds.wit')
  .map((file) => readFileSync(join(root, 'wit', file), 'utf8'));
const names = texts.flatMap((text) => [...text.matchAll(/^interface ([a-z0-9-]+)/gm)].map((match) => match[1]));
const packageLine = texts[0].match(/^package .*;$/m)?.[0];
const world = names.map((name) => `  ${EXPORTED.test(name) ? 'export' : 'import'} ${name};`).join('\n');
const source = [
  packageLine,
  ...texts.map((text) => text.replace(/^package .*;$/m, '')),
  `world host {\n${world}\n}`,
].join('\n');

await $init;
const files = generateTypes('host', { wit: { tag: 'source', val: source }, world: 'host' });
rmSync(target, { recursive: true, force: true });
for (const [name, bytes] of files) {
  mkdirSync(dirname(join(target, name)), { recursive: true });
  writeFileSync(join(target, name), bytes);
}
