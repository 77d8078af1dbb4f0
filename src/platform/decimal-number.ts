/** A number as a person types it into a form. Imports nothing: the editor's page uses it, too. */

const DECIMAL = /^\s*[+-]?\d+(?:\.\d+)?\s*$/;

/**
 * A number, or a text that is one in decimal digits; NaN for anything else. `Number` alone takes blank text for 0, and
 * "0x10" and "1e3" for numbers.
 */
export function decimalNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && DECIMAL.test(value) ? Number(value) : Number.NaN;
}
