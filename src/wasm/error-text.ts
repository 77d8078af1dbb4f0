/** The error side of a WIT `result` in words, whichever type it has: a text, a variant or enum such as `device-error`, anything. */
import { exceedsLimit } from './payload-size';

/** Above what anybody reads; what is larger is not written out first to be cut then. */
const MAX_PAYLOAD_BYTES = 65_536;

/** Undefined where it has none: no payload, or a text of nothing. */
export function errorText(payload: unknown): string | undefined {
  if (payload === undefined) return undefined;
  if (typeof payload === 'string') return payload.trim() === '' ? undefined : payload;
  if (exceedsLimit(payload, MAX_PAYLOAD_BYTES)) return 'an error too large to be shown';
  const { tag, val } = variantOf(payload);
  if (tag === undefined) return JSON.stringify(payload, withoutBigints);
  return (val === undefined ? undefined : errorText(val)) ?? tag;
}

function variantOf(payload: unknown): { readonly tag?: string; readonly val?: unknown } {
  if (typeof payload !== 'object' || payload === null || !('tag' in payload)) return {};
  const { tag } = payload;
  if (typeof tag !== 'string') return {};
  return 'val' in payload ? { tag, val: payload.val } : { tag };
}

function withoutBigints(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
