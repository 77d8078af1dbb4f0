/**
 * Fields of CSV (RFC 4180: CRLF, quotes around what has a comma, a quote or a line break, quotes doubled). Texts come from
 * guests, and a spreadsheet takes a text that begins with `=`, `+`, `-`, `@`, a tab or a line break for a formula, some also
 * with the full-width forms of these signs: an apostrophe before it makes it a text. Pure.
 */

export const CSV_LINE_END = '\r\n';
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
const TO_BE_QUOTED = /[",\r\n]/;

export function csvField(text: string): string {
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return TO_BE_QUOTED.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
