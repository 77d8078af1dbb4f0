/**
 * The Prometheus of the tests, Debian's: brings it with apt-get where it is missing, and writes build/prometheus.json,
 * `{"program"}`. Where that cannot be, it is `{"reason"}`.
 */
import { findProgram, installPackages, keepForTests } from './debian-packages.mjs';

const NAME = 'prometheus';

function bring() {
  if (findProgram(NAME) === undefined) installPackages(NAME, [NAME]);
  return { program: findProgram(NAME) };
}

await keepForTests(NAME, bring, ({ program }) => program);
