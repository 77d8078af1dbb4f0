/**
 * Installs what tests use of Debian where this process may (root, apt-get): Chromium, etcd, an MQTT broker, Modbus clients,
 * Prometheus. `npm test` uses what is installed and skips the tests of what is not.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { INSTALL } from './debian-packages.mjs';
import { REPOSITORY } from './guest-tools.mjs';

const SCRIPTS = [
  'modbus-clients.mjs',
  'mosquitto.mjs',
  'prometheus.mjs',
  'chromium.mjs',
  'etcd.mjs',
  'emulated-node.mjs',
];

for (const script of SCRIPTS) {
  const { status } = spawnSync(process.execPath, [join(REPOSITORY, 'scripts', script), INSTALL], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
