/**
 * Freezes plain data all the way down: objects, arrays and maps. Object.freeze leaves a map open, so its own `set`,
 * `delete` and `clear` are replaced by refusals first.
 */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (value instanceof Map) {
    for (const entry of value.values()) deepFreeze(entry);
    for (const method of ['set', 'delete', 'clear']) Object.defineProperty(value, method, { value: refuse });
  }
  for (const entry of Object.values(value)) deepFreeze(entry);
  return Object.freeze(value);
}

function refuse(): never {
  throw new TypeError('This map is frozen.');
}
