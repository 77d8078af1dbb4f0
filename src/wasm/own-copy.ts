import { Buffer } from 'node:buffer';

/** V8 makes parts of a text as views of the whole, which then stays in memory as long as they are kept: 8 MiB for a word. */
export function ownCopy(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
