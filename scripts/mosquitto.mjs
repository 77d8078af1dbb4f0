/**
 * The MQTT broker of the tests with its two clients, Debian's mosquitto: brings them with apt-get where they are missing, and
 * writes build/mosquitto.json, `{"broker", "subscribe", "publish"}`, each a program. Where that cannot be, it is
 * `{"reason"}`.
 */
import { findProgram, installPackages, keepForTests } from './debian-packages.mjs';

const PROGRAMS = { broker: 'mosquitto', subscribe: 'mosquitto_sub', publish: 'mosquitto_pub' };
const PACKAGES = { broker: 'mosquitto', subscribe: 'mosquitto-clients', publish: 'mosquitto-clients' };

function bring() {
  const missing = Object.keys(PROGRAMS).filter((role) => findProgram(PROGRAMS[role]) === undefined);
  installPackages('mosquitto', [...new Set(missing.map((role) => PACKAGES[role]))]);
  return Object.fromEntries(Object.entries(PROGRAMS).map(([role, name]) => [role, findProgram(name)]));
}

await keepForTests('mosquitto', bring, ({ broker }) => broker);
