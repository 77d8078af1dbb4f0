/**
 * A component that was never prepared: the bytes of one that exists and a custom section with random bytes at its end.
 * It has another digest and behaves the same.
 */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';

const CUSTOM_SECTION = 0;
const NAME = 'bench';
const RANDOM_LENGTH = 16;

export async function writeUniqueBuild(from, to) {
  const content = Buffer.concat([Buffer.from([NAME.length]), Buffer.from(NAME), randomBytes(RANDOM_LENGTH)]);
  // The section's length fits into one byte of LEB128.
  const section = Buffer.concat([Buffer.from([CUSTOM_SECTION, content.length]), content]);
  await writeFile(to, Buffer.concat([await readFile(from), section]));
}
