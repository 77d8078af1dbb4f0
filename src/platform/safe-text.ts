/**
 * Characters that text from elsewhere must not have where people read it: control characters (they move a terminal's cursor,
 * or end a line), line and paragraph separators, and marks that reorder text so that it reads as something else (Unicode
 * Standard Annex 9; CVE-2021-42574). Pure.
 */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu;

/** Each run of such characters becomes what `replacement` returns of it. */
export function replaceUnsafe(text: string, replacement: (run: string) => string): string {
  return text.replace(UNSAFE, replacement);
}

/** Each run of such characters becomes one space, and none is left at the ends. */
export function safeText(text: string): string {
  return replaceUnsafe(text, () => ' ').trim();
}
