/**
 * What a flow wants shown above the plugins' colours, as it stands in a message: `["#rrggbb", null, …]`, one entry an LED
 * from LED 0 on. `null`, and every LED behind the last entry, shows what the plugins set. A message is anybody's, so it is
 * `unknown` until read here. Throws CONFIG_INVALID that names the entry: it is the flow that has to be corrected.
 */
import { inspect } from 'node:util';
import { WasiError } from '../errors/wasi-error';
import type { LedWrite } from './led-buffer';

const COLOR = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i;
const MAX_SHOWN_LENGTH = 40;

/** `null` takes all of it away: an override of no LED. Undefined where the message asks for nothing. */
export function parseLedOverride(value: unknown, count: number): readonly LedWrite[] | undefined {
  if (value === undefined) return undefined;
  if (value === null) return [];
  if (!Array.isArray(value)) throw wrong('msg.leds', value, 'an array of "#rrggbb" or null, or null to end it');
  if (value.length > count) {
    throw wrong(
      'msg.leds',
      `${value.length} entries`,
      `at most ${count} entries long, as [leds] count of host.toml says`,
    );
  }
  const entries: readonly unknown[] = value;
  return entries.flatMap((entry, index) => (entry === null ? [] : [colorOf(entry, index)]));
}

function colorOf(entry: unknown, index: number): LedWrite {
  const [, r, g, b] = (typeof entry === 'string' && COLOR.exec(entry)) || [];
  if (r === undefined || g === undefined || b === undefined)
    throw wrong(`msg.leds[${index}]`, entry, '"#rrggbb" or null');
  return { index, r: Number.parseInt(r, 16), g: Number.parseInt(g, 16), b: Number.parseInt(b, 16) };
}

function wrong(name: string, value: unknown, expected: string): WasiError {
  return new WasiError('CONFIG_INVALID', `${name} must be ${expected}, not ${shown(value)}; the LEDs stay as they are`);
}

/** A message may hold anything: of any length, and in circles. */
function shown(value: unknown): string {
  const text =
    typeof value === 'string'
      ? value
      : inspect(value, { depth: 0, maxArrayLength: 1, maxStringLength: MAX_SHOWN_LENGTH });
  return text.length <= MAX_SHOWN_LENGTH ? text : `${text.slice(0, MAX_SHOWN_LENGTH)}…`;
}
