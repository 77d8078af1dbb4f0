/**
 * Properties of a node as they come from a flow file: anyone may have written it, so they are `unknown` until read
 * here. What is missing is given its default; what is wrong ends in CONFIG_INVALID that names the property.
 */

import { WasiError } from '../src/errors/wasi-error';
import { decimalNumber } from '../src/platform/decimal-number';

export function textProperty(name: string, value: unknown, fallback: string): string {
  if (value === undefined || value === null) return fallback;
  if (typeof value === 'string') return value;
  throw wrong(name, value, 'a text');
}

export function choiceProperty<T extends string>(name: string, value: unknown, choices: readonly T[], fallback: T): T {
  if (value === undefined || value === null || value === '') return fallback;
  const choice = choices.find((candidate) => candidate === value);
  if (choice !== undefined) return choice;
  throw wrong(name, value, `one of ${choices.map((candidate) => `"${candidate}"`).join(', ')}`);
}

/** A whole number; the editor stores what was typed as text. "" is the default too. */
export function wholeProperty(name: string, value: unknown, lowest: number, highest: number, fallback: number): number {
  if (value === undefined || value === null || value === '') return fallback;
  const number = decimalNumber(value);
  if (Number.isInteger(number) && number >= lowest && number <= highest) return number;
  throw wrong(name, value, `a whole number from ${lowest} to ${highest}`);
}

export function wrong(name: string, value: unknown, expected: string): WasiError {
  return new WasiError(
    'CONFIG_INVALID',
    `property "${name}" must be ${expected}, not ${JSON.stringify(value)}: correct it in the node's properties and deploy`,
  );
}
