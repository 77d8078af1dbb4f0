/**
 * What any document with a plugin's HTML in it may do: run what is written in it, and load and send nothing. Where it may
 * connect, and what it may frame, each document adds to this.
 */
export const FOREIGN_CONTENT: readonly string[] = [
  "default-src 'none'",
  "script-src 'unsafe-inline'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  'font-src data:',
  "form-action 'none'",
  "base-uri 'none'",
];
