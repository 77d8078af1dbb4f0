/** Numbers as text for the report and the README. */
const LARGER_UNIT = { µs: 'ms', ms: 's' };
const STEP = 1_000;

/** Takes the larger unit from 1 000 on, where there is one. */
export function quantityText(value, unit) {
  const larger = LARGER_UNIT[unit];
  if (larger !== undefined && Math.abs(value) >= STEP) return quantityText(value / STEP, larger);
  return unit === '' ? numberText(value) : `${numberText(value)} ${unit}`;
}

export function numberText(value) {
  const size = Math.abs(value);
  if (size >= STEP) return value.toFixed(0).replace(/(\d)(?=(\d{3})+$)/g, '$1 ');
  if (size >= 100 || Number.isInteger(value)) return value.toFixed(0);
  return value.toFixed(size >= 10 ? 1 : 2);
}

/** A single number where both ends read the same. */
export function rangeText(least, most, unit) {
  const [from, to] = [quantityText(least, unit), quantityText(most, unit)];
  return from === to ? from : `${from} to ${to}`;
}
