/**
 * The MQTT broker of the tests with its two clients, Debian's mosquitto: brings them with apt-get where they are missing, and
 * writes build/mosquitto.json, `{"broker", "subscribe", "publish"}`, each a program. Where that cannot be, it is
 * `{"reason"}`.
 */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { installPackages, NotHere } from './debian-packages.mjs';
import { REPOSITORY } from './guest-tools.mjs';

const PROGRAMS = { broker: 'mosquitto', subscribe: 'mosquitto_sub', publish: 'mosquitto_pub' };
const PACKAGES = { broker: 'mosquitto', subscribe: 'mosquitto-clients', publish: 'mosquitto-clients' };

/** Debian's broker lies where only root's PATH leads. */
function find(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

function programs() {
  const missing = Object.keys(PROGRAMS).filter((role) => find(PROGRAMS[role]) === undefined);
  installPackages('mosquitto', [...new Set(missing.map((role) => PACKAGES[role]))]);
  return Object.fromEntries(Object.entries(PROGRAMS).map(([role, name]) => [role, find(name)]));
}

function outcome() {
  try {
    return programs();
  } catch (error) {
    if (error instanceof NotHere) return { reason: error.message };
    throw error;
  }
}

const found = outcome();
await mkdir(join(REPOSITORY, 'build'), { recursive: true });
await writeFile(join(REPOSITORY, 'build', 'mosquitto.json'), `${JSON.stringify(found, null, 2)}\n`);
console.log(`mosquitto: ${found.broker ?? `none, ${found.reason}`}`);
