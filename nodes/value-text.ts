/**
 * A reading as a few words for a status: "21.5 °C 45 %". Numbers only, in the order the plugin gave them, as many as
 * fit. Knows nothing of Node-RED.
 */
import type { Reading } from '../src/readings/reading';

/** Below it a second decimal says something: 0.25 V, but 21.5 °C. */
const TWO_DECIMALS_BELOW = 10;

/** "" where the reading holds no number. The first number is cut rather than left out. */
export function valueText(reading: Pick<Reading, 'values' | 'units'>, maxLength: number): string {
  let text = '';
  for (const [field, value] of Object.entries(reading.values)) {
    if (typeof value !== 'number' || !Number.isFinite(value)) continue;
    const part = withUnit(value, Object.hasOwn(reading.units, field) ? reading.units[field] : undefined);
    if (text === '') text = cut(part, maxLength);
    else if (text.length + 1 + part.length > maxLength) return text;
    else text = `${text} ${part}`;
  }
  return text;
}

function withUnit(value: number, unit: string | undefined): string {
  const rounded = Number(value.toFixed(Math.abs(value) < TWO_DECIMALS_BELOW ? 2 : 1));
  return unit ? `${rounded} ${unit}` : String(rounded);
}

/** Its end gives way to "…" where it is longer. */
export function cut(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`;
}
