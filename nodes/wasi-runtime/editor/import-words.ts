/**
 * What a plugin asks for, in plain words: `edge:plugin/i2c@1.0.0` is "talks to devices on the I²C bus". Interfaces of
 * WASI are stubs that reach nothing, so they are counted and not listed; one that nobody here knows is shown by name.
 */
import { element } from './elements';
import type { ImportView } from './runtime-view';
import { text } from './texts';

const NAME = /^(edge|demo):plugin\/([a-z0-9-]+)/;

const KNOWN = [
  'settings',
  'led-controller',
  'gpio-provider',
  'buzzer-controller',
  'fan-controller',
  'system-info',
  'state-store',
  'i2c',
  'spi',
  'uart',
  'process-image',
] as const;
/** Types alone: nothing can be done with them. */
const SILENT = ['types'];

export function importWords(name: string): string {
  const short = NAME.exec(name)?.[2];
  const known = KNOWN.find((each) => each === short);
  return known === undefined ? text('asks.unknown', { name }) : text(`asks.${known}`);
}

/** Those worth a line, what is missing first. */
export function listedImports(imports: readonly ImportView[]): readonly ImportView[] {
  const listed = imports.filter(
    ({ name }) => !name.startsWith('wasi:') && !SILENT.includes(NAME.exec(name)?.[2] ?? ''),
  );
  return [...listed].sort((one, other) => rank(one) - rank(other));
}

function rank({ access }: ImportView): number {
  return ['unknown', 'missing', 'granted', 'free'].indexOf(access);
}

export function importList(imports: readonly ImportView[]): HTMLElement {
  const listed = listedImports(imports);
  if (listed.length === 0) return element('p', {}, text('asks.nothing'));
  return element('ul', { class: 'edge-wasi-imports' }, ...listed.map(importItem));
}

function importItem({ name, access, granted }: ImportView): HTMLElement {
  const badge = element('span', { class: `edge-wasi-badge edge-wasi-${access}` }, text(`access.${access}`));
  const item = element('li', { title: name }, badge, element('span', {}, importWords(name)));
  if (granted !== undefined && granted !== '') item.append(element('code', {}, granted));
  return item;
}
