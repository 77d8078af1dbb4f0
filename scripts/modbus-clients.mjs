/**
 * Brings the Modbus clients that are not ours, and the pseudo-terminals they speak over: mbpoll (libmodbus) and socat, from
 * Debian. Where they cannot be had it says why, and the tests that need them are skipped.
 */
import { hasProgram, installPackages, NotHere } from './debian-packages.mjs';

try {
  installPackages(
    'modbus clients',
    ['mbpoll', 'socat'].filter((program) => !hasProgram(program)),
  );
} catch (error) {
  if (!(error instanceof NotHere)) throw error;
  console.log(`modbus clients: ${error.message}`);
}
