/**
 * The browser of the tests, Debian's chromium: brings it with apt-get where it is missing, and writes build/chromium.json,
 * `{"program"}`. Where that cannot be, it is `{"reason"}`. CHROMIUM names another one.
 */
import { existsSync } from 'node:fs';
import { findProgram, installPackages, keepForTests } from './debian-packages.mjs';

const PROGRAM = process.env.CHROMIUM || 'chromium';
/** What a page is written in where it asks for the system's own font. */
const FONT = 'fonts-dejavu-core';

function find() {
  return existsSync(PROGRAM) ? PROGRAM : findProgram(PROGRAM);
}

function bring() {
  if (find() === undefined) installPackages('chromium', ['chromium', FONT]);
  return { program: find() };
}

await keepForTests('chromium', bring, ({ program }) => program);
